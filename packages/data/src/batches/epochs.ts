import { AlexNetError, type Random } from '@alexnet/core';
import type { Dataset } from '../dataset/dataset.ts';
import type { Batch, BatchOptions } from './batch.ts';
import { readPasses } from './batches.ts';

export interface EpochsOptions extends BatchOptions {
  /** Of all epochs: epoch e is read by `random.split('epoch', e)`. */
  readonly random: Random;
  /** The first epoch; `startBatch` is one of its batches. */
  readonly firstEpoch: number;
  /** The first epoch that is not read any more. */
  readonly endEpoch: number;
}

/**
 * Epochs in a row: the batches that {@link readBatches} gives for each, one epoch's after the other's.
 *
 * Reading ahead does not stop where an epoch ends: while its last batches are used, and whatever the receiver does
 * before it asks for the next one, the first batches of the next epoch are made. No more of them are in memory than
 * within an epoch.
 *
 * @throws {@link AlexNetError} as {@link readBatches}; `INVALID_ARGUMENT` if an epoch is no whole number from 0 on
 * @example
 * const epochs = { firstEpoch: 1, endEpoch: 31 };
 * const batches = readEpochs(dataset, { preprocessing, batchSize: 128, random: createRandom(0), shuffle: true, ...epochs });
 */
export function readEpochs(dataset: Dataset, options: EpochsOptions): AsyncIterable<Batch> {
  const { firstEpoch, endEpoch, random } = options;
  for (const [name, epoch] of Object.entries({ firstEpoch, endEpoch })) {
    if (Number.isSafeInteger(epoch) && epoch >= 0) continue;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${name}" is a whole number from 0 on, not ${epoch}.`,
      hint: 'Give the number of an epoch.',
    });
  }
  return readPasses(dataset, options, {
    *[Symbol.iterator]() {
      for (let epoch = firstEpoch; epoch < endEpoch; epoch++) yield random.split('epoch', epoch);
    },
  });
}
