import { parentPort } from 'node:worker_threads';
import { type Port, serveClassifier } from '@alexnet/runtime';
import { openClassifier } from '../open-classifier.ts';
import { type PictureSource, readPicture } from '../picture-source.ts';
import type { LoadRequest } from './load-request.ts';

/**
 * Loads the model that the other side asks for, and answers its calls. Runs by itself where this file is a thread's
 * script. See start-worker.ts for the other side.
 */
export function serveModel(port: Port): void {
  serveClassifier(port, (request) => {
    const { source, options } = request as LoadRequest; // Packed by packRequest of this same package.
    return openClassifier(source, {
      ...options,
      decode: async (remote) => readPicture((await remote.pull()) as PictureSource),
    });
  });
}

const port = parentPort;
if (port !== null) {
  serveModel({
    post: (message, transfer) => port.postMessage(message, transfer.filter(isArrayBuffer)),
    listen: ({ message }) => void port.on('message', message),
  });
}

function isArrayBuffer(value: object): value is ArrayBuffer {
  return value instanceof ArrayBuffer;
}
