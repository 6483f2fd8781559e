import { createRandom } from '@alexnet/core';
import type { Batch } from '@alexnet/data';
import type { FeatureSet } from './features.ts';
import { type BatchRead, planFeatureBatches, readAhead } from './read-feature-batches.ts';

export interface FeatureEpochsOptions {
  readonly batchSize: number;
  /** Numbers of a picture's features. */
  readonly size: number;
  /** Of the training. */
  readonly seed: number;
  /** From 1. */
  readonly firstEpoch: number;
  /** The first batch wanted of that epoch, from 0. */
  readonly startBatch: number;
  /** The first epoch that is not read any more. */
  readonly endEpoch: number;
}

/**
 * Epochs of features in a row, in the batches in which `readEpochs` gives the pictures; variants take turns. The next
 * batch is read while one is in use, that of the next epoch too.
 */
export function readFeatureEpochs(
  features: FeatureSet,
  options: FeatureEpochsOptions,
): AsyncGenerator<Batch, void, undefined> {
  return readAhead(planEpochs(features, options));
}

function* planEpochs(
  features: FeatureSet,
  { batchSize, size, seed, firstEpoch, startBatch, endEpoch }: FeatureEpochsOptions,
): Generator<BatchRead, void, undefined> {
  for (let epoch = firstEpoch; epoch < endEpoch; epoch++) {
    yield* planFeatureBatches(features, {
      batchSize,
      size,
      shuffle: true,
      random: createRandom(seed).split('epoch', epoch),
      variant: epoch - 1,
      startBatch: epoch === firstEpoch ? startBatch : 0,
    });
  }
}
