import { type Port, type RemotePicture, serveClassifier } from '@alexnet/runtime';
import { loadClassifier, type ModelOptions } from './load-classifier.ts';
import type { ModelSource } from './model-files/read-model.ts';
import { type PortablePicture, readPicture } from './pictures/picture-source.ts';

/** What `loadModel` asks of the worker. */
export interface WorkerRequest {
  readonly source: Exclude<ModelSource, URL>;
  readonly options: ModelOptions;
}

/** Loads the model that the page asks for, and answers its calls. Runs by itself where this file is a worker's script. */
export function serveModel(port: Port): void {
  serveClassifier(port, (request, { report }) => {
    const { source, options } = request as WorkerRequest; // Posted by start-worker.ts of this same package.
    return loadClassifier(source, options, { decode: decodeRemote, onProgress: report });
  });
}

async function decodeRemote(remote: RemotePicture): ReturnType<typeof readPicture> {
  const picture = (await remote.pull()) as PortablePicture; // Made by `toPortable` of this same package.
  try {
    return await readPicture(picture);
  } finally {
    if (picture instanceof ImageBitmap) picture.close();
  }
}

if ('DedicatedWorkerGlobalScope' in globalThis) {
  serveModel({
    post: (message, transfer) =>
      self.postMessage(message, { transfer: [...transfer] as Transferable[] }),
    listen({ message }) {
      self.addEventListener('message', (event) => message(event.data));
    },
  });
}
