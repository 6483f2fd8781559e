import { Worker } from 'node:worker_threads';
import { AlexNetError, messageOf } from '@alexnet/core';
import { type Classifier, connectClassifier, type Port } from '@alexnet/runtime';
import type { LoadOptions } from '../load-options.ts';
import type { ModelSource } from '../model-file.ts';
import type { PictureSource } from '../picture-source.ts';
import { findWorkerFile } from './find-worker-file.ts';
import { packPicture, packRequest } from './load-request.ts';

export interface WorkerOptions extends Omit<LoadOptions, 'worker'> {
  /** `true`, or where the worker's file lies. */
  readonly worker: true | string | URL;
}

/** Loads a model into a thread of its own. @throws as `loadModel`, and `INTERNAL` if the thread ends */
export async function startWorkerClassifier(
  source: ModelSource,
  { worker: file, signal, ...options }: WorkerOptions,
): Promise<Classifier<PictureSource>> {
  const request = await packRequest(source, options);
  signal?.throwIfAborted();
  const worker = new Worker(findWorkerFile(file));
  return connectClassifier(toPort(worker), {
    request,
    encode: packPicture,
    close: async () => {
      await worker.terminate();
    },
    ...(signal ? { signal } : {}),
  });
}

function toPort(worker: Worker): Port {
  // A model that is loaded and has nothing to do keeps no process from ending.
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer.filter(isArrayBuffer)),
    listen({ message, close }) {
      worker.on('message', message);
      worker.on('messageerror', (error) => close?.(createEndError(messageOf(error), error)));
      worker.on('error', (error) => close?.(createEndError(messageOf(error), error)));
      worker.on('exit', (code) => close?.(createEndError(`exit code ${code}`)));
    },
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
  };
}

function createEndError(reason: string, cause?: unknown): AlexNetError {
  return new AlexNetError('INTERNAL', {
    message: `The thread that holds the model ended: ${reason}.`,
    hint: 'Load the model again. If it was out of memory, use a smaller batchSize, or fewer threads with a model each.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function isArrayBuffer(value: object): value is ArrayBuffer {
  return value instanceof ArrayBuffer;
}
