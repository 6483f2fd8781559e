import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  AlexNetError,
  type ErrorMessage,
  fromErrorMessage,
  type Graph,
  invariant,
  type Weights,
} from '@alexnet/core';
import type { FeatureExtractor } from '../../features/feature-extractor.ts';
import { isTransferable } from '../engine-protocol.ts';

/** What the extractor's thread is started with. */
export interface ExtractorWorkerData {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly batchSize: number;
  readonly threads: number | undefined;
}

/** The first one answers the start, the others each a message. */
export type ExtractorReply =
  | { readonly features?: Float32Array; readonly error?: never }
  | { readonly error: ErrorMessage; readonly features?: never };

/** Frozen layers on onnxruntime-node in a thread of their own. One call at a time. */
export async function createWorkerExtractor(data: ExtractorWorkerData): Promise<FeatureExtractor> {
  const worker = new Worker(new URL('./extractor-worker.js', import.meta.url), {
    workerData: data,
  });
  await receive(worker).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  const call = (images: Float32Array | null) => {
    const buffers = images && isTransferable(images.buffer) ? [images.buffer] : [];
    const answer = receive(worker);
    worker.postMessage(images, buffers);
    return answer;
  };
  return {
    extract: async (images) => {
      const { features } = await call(images);
      invariant(features, "the extractor's thread answered without features");
      return features;
    },
    dispose: async () => {
      await call(null);
      await worker.terminate();
    },
  };
}

/** The next answer. @throws what failed in the thread, or with the thread */
async function receive(worker: Worker): Promise<ExtractorReply> {
  const controller = new AbortController();
  const { signal } = controller;
  try {
    // `once` fails when the thread does.
    const [reply]: [ExtractorReply] | readonly [] = await Promise.race([
      once(worker, 'message', { signal }) as Promise<[ExtractorReply]>,
      once(worker, 'exit', { signal }).then((): readonly [] => []),
    ]);
    if (!reply) throw threadGone();
    if (reply.error) throw fromErrorMessage(reply.error);
    return reply;
  } finally {
    controller.abort();
  }
}

function threadGone(): AlexNetError {
  return new AlexNetError('INTERNAL', {
    message: 'The thread that computes features ended before it answered.',
    hint: 'It may have run out of memory: try a smaller --batch-size.',
  });
}
