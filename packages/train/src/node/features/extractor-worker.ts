import { parentPort, workerData } from 'node:worker_threads';
import { invariant, toErrorMessage } from '@alexnet/core';
import { createOrtExtractor } from '../../ort/index.ts';
import { isTransferable } from '../engine-protocol.ts';
import { loadOnnxRuntime } from '../onnxruntime.ts';
import type { ExtractorReply, ExtractorWorkerData } from './worker-extractor.ts';

// The thread of the frozen layers: onnxruntime-node holds its thread for as long as a run takes, and meanwhile
// the other one reads pictures. See worker-extractor.ts for the other side.
const port = parentPort;
invariant(port, 'extractor-worker.ts runs as a worker thread only.');

const { graph, weights, batchSize, threads }: ExtractorWorkerData = workerData;
const starting = loadOnnxRuntime().then((ort) =>
  createOrtExtractor({
    ort,
    device: 'cpu',
    graph,
    weights,
    batchSize,
    ...(threads === undefined ? {} : { threads }),
  }),
);
await reply(async () => {
  await starting;
  return {};
});
port.on('message', (images: Float32Array | null) => {
  void reply(async () => {
    const extractor = await starting;
    if (images) return { features: await extractor.extract(images) };
    await extractor.dispose();
    return {};
  });
});

async function reply(work: () => Promise<Exclude<ExtractorReply, { error: unknown }>>) {
  try {
    const message = await work();
    const { features } = message;
    const transfer = features && isTransferable(features.buffer) ? [features.buffer] : [];
    port?.postMessage(message, transfer);
  } catch (error) {
    port?.postMessage({ error: toErrorMessage(error) } satisfies ExtractorReply);
  }
}
