import { totalmem } from 'node:os';
import { AlexNetError, estimateTrainingMemory, type Graph } from '@alexnet/core';
import { formatBytes } from '../terminal/format.ts';

/**
 * Refuses a network whose steps need more than the machine has, before there is any array of it.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` with both sizes
 */
export function checkMemory(
  graph: Graph,
  { batchSize, microBatches }: { readonly batchSize: number; readonly microBatches: number },
): void {
  const { totalBytes } = estimateTrainingMemory(graph, {
    batchSize: Math.ceil(batchSize / microBatches),
  });
  if (totalBytes <= totalmem()) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A step of ${graph.name} takes ${formatBytes(totalBytes)} at least, by count, and this machine has ${formatBytes(totalmem())}.`,
    hint: 'Take a smaller --batch-size, --input-size or --width, or --micro-batches.',
  });
}
