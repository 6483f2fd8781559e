import { createRandom } from '@alexnet/core';
import type { Batch } from '@alexnet/data';
import type { FeatureSet } from './features.ts';
import { readFeatureBatches } from './read-feature-batches.ts';

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

/** Epochs of features in a row, in the batches in which `readEpochs` gives the pictures; variants take turns. */
export async function* readFeatureEpochs(
  features: FeatureSet,
  { batchSize, size, seed, firstEpoch, startBatch, endEpoch }: FeatureEpochsOptions,
): AsyncGenerator<Batch, void, undefined> {
  for (let epoch = firstEpoch; epoch < endEpoch; epoch++) {
    yield* readFeatureBatches(features, {
      batchSize,
      size,
      shuffle: true,
      random: createRandom(seed).split('epoch', epoch),
      variant: epoch - 1,
      startBatch: epoch === firstEpoch ? startBatch : 0,
    });
  }
}
