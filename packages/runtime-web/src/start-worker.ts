import { AlexNetError } from '@alexnet/core';
import { connectClassifier, type Port } from '@alexnet/runtime';
import type { ModelOptions, WebClassifier, WebClassifierInfo } from './load-classifier.ts';
import { toAddress } from './model-files/address.ts';
import type { OnProgress, Progress } from './model-files/progress.ts';
import type { ModelSource } from './model-files/read-model.ts';
import { type PictureSource, toPortable } from './pictures/picture-source.ts';
import type { WorkerRequest } from './worker.ts';

export interface StartOptions extends ModelOptions {
  /** The worker's script, where it is not found by itself. */
  readonly worker: true | string | URL;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a model in a worker of its own, and gives a classifier that works there.
 *
 * @throws as `loadModel` · {@link AlexNetError} `MISSING_DEPENDENCY` if the worker's script does not load
 */
export async function startWorkerClassifier(
  source: ModelSource,
  { worker: script, onProgress, signal, ...options }: StartOptions,
): Promise<WebClassifier<PictureSource>> {
  const worker = startWorker(script);
  const request: WorkerRequest = {
    // The worker lies elsewhere than the page, and addresses mean the page.
    source:
      typeof source === 'string' || source instanceof URL
        ? toAddress(source, 'source').href
        : source,
    options: {
      ...options,
      ...(options.wasmPaths === undefined
        ? {}
        : { wasmPaths: toAddress(options.wasmPaths, 'wasmPaths').href }),
    },
  };
  const classifier = await connectClassifier<PictureSource>(createPort(worker), {
    request: { value: request },
    encode: async (picture) => {
      const value = await toPortable(picture);
      return { value, transfer: value instanceof ImageBitmap ? [value] : [] };
    },
    onReport: (progress) => onProgress?.(progress as Progress), // Reported by worker.ts of this same package.
    close: () => worker.terminate(),
    ...(signal ? { signal } : {}),
  });
  const info = classifier.info as WebClassifierInfo; // Made by `loadClassifier`, on the other side.
  return { ...classifier, info };
}

function startWorker(script: true | string | URL): Worker {
  // Written out whole: bundlers look for this expression.
  if (script === true)
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return new Worker(toAddress(script, 'worker'), { type: 'module' });
}

function createPort(worker: Worker): Port {
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer] as Transferable[]),
    listen({ message, close }) {
      worker.addEventListener('message', (event) => message(event.data));
      worker.addEventListener('error', (event) => close?.(describeEnd(event)));
      worker.addEventListener('messageerror', () => close?.(describeEnd(null)));
    },
  };
}

/** A script that is not there is an event without a message. */
function describeEnd(event: ErrorEvent | null): AlexNetError {
  const words = event?.message;
  return new AlexNetError(words ? 'INTERNAL' : 'MISSING_DEPENDENCY', {
    message: words
      ? `The model's worker ended: ${words}.`
      : "The model's worker did not start: its script was not found, or is something else.",
    hint: words
      ? 'Load the model again.'
      : 'Build "@alexnet/runtime-web/worker" as an entry of its own, and say where it lies: loadModel(…, { worker: \'/worker.js\' }).',
    path: ['worker'],
  });
}
