import type { Random } from '@alexnet/core';
import { type Batch, orderPictures } from '@alexnet/data';
import type { FeatureSet } from './features.ts';

export interface FeatureBatchOptions {
  readonly batchSize: number;
  /** Numbers of a picture's features. */
  readonly size: number;
  readonly shuffle: boolean;
  /** Of the epoch: the order is that of `readBatches`. */
  readonly random: Random;
  /** Which of the variants; the first unless given. */
  readonly variant?: number;
  /** The first batch wanted; 0 unless given. */
  readonly startBatch?: number;
}

/**
 * One pass over features, in the batches in which `readBatches` gives the pictures. The next batch is read
 * while one is in use.
 */
export async function* readFeatureBatches(
  features: FeatureSet,
  options: FeatureBatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { batchSize, startBatch = 0 } = options;
  const order = orderPictures(features.length, options);
  const read = (batch: number) =>
    batch * batchSize < order.length
      ? readBatch(features, order.subarray(batch * batchSize, (batch + 1) * batchSize), options)
      : null;
  let ahead = read(startBatch);
  for (let next = startBatch + 1; ahead; next++) {
    const batch = await ahead;
    ahead = read(next);
    // Its failure is told when its turn comes; before that it must not count as unheard.
    ahead?.catch(() => {});
    yield batch;
  }
}

async function readBatch(
  features: FeatureSet,
  pictures: Uint32Array,
  { batchSize, size, variant = 0 }: FeatureBatchOptions,
): Promise<Batch> {
  const images = new Float32Array(batchSize * size);
  const kept: number[] = [];
  for (const index of pictures) {
    const row = kept.length;
    const out = images.subarray(row * size, (row + 1) * size);
    if (await features.read(index, variant % features.variants, out)) kept.push(index);
  }
  return {
    images,
    labels: Int32Array.from(kept, (index) => features.labelOf(index)),
    indices: Uint32Array.from(kept),
    count: kept.length,
  };
}
