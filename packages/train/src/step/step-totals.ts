import type { Batch } from '@alexnet/data';
import { indexOfLargest, type Totals } from '../evaluation/metrics.ts';
import type { StepOutput } from '../training-engine.ts';

/** What a step adds to the figures of its epoch. */
export function totalsOf(batch: Batch, { loss, logits }: StepOutput, classes: number): Totals {
  let correct = 0;
  for (let row = 0; row < batch.count; row++) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    if (indexOfLargest(scores) === batch.labels[row]) correct += 1;
  }
  return { count: batch.count, lossSum: loss * batch.count, correct };
}
