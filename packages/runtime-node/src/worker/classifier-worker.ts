import { parentPort } from 'node:worker_threads';
import { invariant } from '@alexnet/core';
import { serveClassifier } from '@alexnet/runtime';
import { openClassifier } from '../open-classifier.ts';
import { type PictureSource, readPicture } from '../picture-source.ts';
import type { LoadRequest } from './load-request.ts';

// The thread that holds a model. See start-worker.ts for the other side.
const port = parentPort;
invariant(port, 'classifier-worker.ts runs as a worker thread only.');

serveClassifier(
  {
    post: (message, transfer) => port.postMessage(message, transfer.filter(isArrayBuffer)),
    listen: ({ message }) => void port.on('message', message),
  },
  (request) => {
    const { source, options } = request as LoadRequest; // Packed by packRequest of this same package.
    return openClassifier(source, {
      ...options,
      decode: async (remote) => readPicture((await remote.pull()) as PictureSource),
    });
  },
);

function isArrayBuffer(value: object): value is ArrayBuffer {
  return value instanceof ArrayBuffer;
}
