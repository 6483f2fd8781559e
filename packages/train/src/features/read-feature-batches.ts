import type { Random } from '@alexnet/core';
import { type Batch, orderPictures } from '@alexnet/data';
import type { FeatureSet } from './features.ts';

/**
 * Rows of a batch that are asked for at once. With one at a time, a thread is woken for every row, and wakes this one;
 * all of them at once hold up the batch before, which is ready.
 */
const READS_AT_ONCE = 16;

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
export function readFeatureBatches(
  features: FeatureSet,
  options: FeatureBatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  return readAhead(planFeatureBatches(features, options));
}

/** The batches of one pass, each read when it is asked for. */
export function* planFeatureBatches(
  features: FeatureSet,
  options: FeatureBatchOptions,
): Generator<BatchRead, void, undefined> {
  const { batchSize, startBatch = 0 } = options;
  const order = orderPictures(features.length, options);
  for (let first = startBatch * batchSize; first < order.length; first += batchSize) {
    yield () => readBatch(features, order.subarray(first, first + batchSize), options);
  }
}

export type BatchRead = () => Promise<Batch>;

/** Batches in their order, one of which is read while the one before is in use. */
export async function* readAhead(
  reads: Iterable<BatchRead>,
): AsyncGenerator<Batch, void, undefined> {
  let ahead: Promise<Batch> | undefined;
  for (const read of reads) {
    const batch = await ahead;
    ahead = read();
    // Its failure is told when its turn comes; before that it must not count as unheard.
    ahead.catch(() => {});
    if (batch) yield batch;
  }
  if (ahead) yield await ahead;
}

async function readBatch(
  features: FeatureSet,
  pictures: Uint32Array,
  { batchSize, size, variant = 0 }: FeatureBatchOptions,
): Promise<Batch> {
  const images = new Float32Array(batchSize * size);
  const indices = pictures.filter((index) => features.has(index));
  const rows = indices.entries();
  const readRows = async () => {
    for (const [row, index] of rows) {
      const out = images.subarray(row * size, (row + 1) * size);
      await features.read(index, variant % features.variants, out);
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, readRows));
  return {
    images,
    labels: Int32Array.from(indices, (index) => features.labelOf(index)),
    indices,
    count: indices.length,
  };
}
