import { AlexNetError, type Random } from '@alexnet/core';
import pLimit from 'p-limit';
import { checkAugmentation } from '../augment/augmentation.ts';
import { requireComponents } from '../augment/colour-noise.ts';
import { createBadPictureLog } from '../dataset/bad-pictures.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { createPreprocessor, preprocessedShape } from '../preprocess/preprocess.ts';
import { TEN_CROPS } from '../preprocess/ten-crops.ts';
import type { Batch, BatchOptions } from './batch.ts';
import { createRenderer } from './picture-renderer.ts';
import { createBatchMaker, type Preparation, type PreparedBatch } from './prepare-batch.ts';

const DEFAULT_PREFETCH = 2;
const DEFAULT_PARALLEL = 8;

/** Batches in an epoch; the last one may be smaller. */
export function countBatches(length: number, batchSize: number): number {
  return Math.ceil(length / batchSize);
}

/**
 * One pass over a data set, in batches made ready ahead of their use.
 *
 * What is in batch b depends on the data set, `random`, `batchSize`, `shuffle` and `augmentation` alone,
 * never on timing or on where the reading began: a resumed run sees the same batches, bit for bit.
 * A picture that cannot be read is left out of its batch and noted. At most `prefetch` + 1 batches are in
 * memory besides what the receiver keeps. Leaving the loop ends all reading before it returns.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` at once; while reading, `INVALID_DATASET` when too many
 *   pictures are bad and `ABORTED` when the signal says so
 * @example
 * const random = createRandom(0).split('epoch', 0);
 * for await (const batch of readBatches(dataset, { preprocessing, batchSize: 128, random, shuffle: true })) {
 *   console.log(batch.count, batch.labels.length); // 128 128
 * }
 */
export function readBatches(dataset: Dataset, options: BatchOptions): AsyncIterable<Batch> {
  return readPasses(dataset, options, [options.random]);
}

/**
 * Passes over a data set, one after another, each by random numbers of its own; reading ahead goes on from one
 * pass into the next. `startBatch` is of the first one.
 *
 * @throws as {@link readBatches}
 */
export function readPasses(
  dataset: Dataset,
  options: BatchOptions,
  randoms: Iterable<Random>,
): AsyncIterable<Batch> {
  checkOptions(dataset, options);
  return { [Symbol.asyncIterator]: () => generateBatches(dataset, options, randoms) };
}

async function* generateBatches(
  dataset: Dataset,
  options: BatchOptions,
  randoms: Iterable<Random>,
): AsyncGenerator<Batch, void, undefined> {
  const { signal } = options;
  const badPictures = options.badPictures ?? createBadPictureLog(dataset);
  let isOver = false;
  const renderer = options.renderer ?? createRenderer();
  const prefetch = options.prefetch ?? Math.max(DEFAULT_PREFETCH, 2 * renderer.parallelBatches - 1);
  const parallel = options.parallel ?? Math.max(DEFAULT_PARALLEL, renderer.parallel);
  const sharers = Math.min(prefetch + 1, renderer.parallelBatches);
  const coming = beginBatches(dataset, options, randoms, {
    limiter: pLimit(parallel),
    // One at a time is soonest done by going through the batches in their order.
    parallelOfBatch: sharers === 1 ? Number.POSITIVE_INFINITY : Math.ceil(parallel / sharers),
    renderer,
    checkGoingOn: () => checkGoingOn(isOver, signal),
  });
  const ahead: Promise<PreparedBatch>[] = [];
  let inUse: PreparedBatch | undefined;
  try {
    for (;;) {
      while (ahead.length <= prefetch) {
        const { done, value } = coming.next();
        if (done) break;
        // Its failure is told when its turn comes; before that it must not count as unheard.
        value.catch(() => {});
        ahead.push(value);
      }
      const [first] = ahead;
      if (!first) return;
      checkGoingOn(isOver, signal);
      ahead.shift();
      const prepared = await first;
      for (const { name, error } of prepared.bad) badPictures.add(name, error);
      inUse = prepared;
      yield prepared.batch;
      prepared.release();
    }
  } finally {
    isOver = true;
    inUse?.release();
    for (const prepared of await Promise.allSettled(ahead)) {
      if (prepared.status === 'fulfilled') prepared.value.release();
    }
  }
}

/** Begins to make a batch each time that it is asked for one. */
function* beginBatches(
  dataset: Dataset,
  options: BatchOptions,
  randoms: Iterable<Random>,
  preparation: Preparation,
): Generator<Promise<PreparedBatch>, void, undefined> {
  const { batchSize, shuffle } = options;
  const total = countBatches(dataset.length, batchSize);
  let next = options.startBatch ?? 0;
  for (const random of randoms) {
    const order = orderPictures(dataset.length, { random, shuffle });
    const prepareBatch = createBatchMaker(dataset, { ...options, random }, preparation);
    for (; next < total; next++) {
      yield prepareBatch(order.subarray(next * batchSize, (next + 1) * batchSize));
    }
    next = 0;
  }
}

/** The order of the pictures in a pass: drawn from `random`, or the data set's own. */
export function orderPictures(
  length: number,
  { random, shuffle }: Pick<BatchOptions, 'random' | 'shuffle'>,
): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  return shuffle ? random.split('order').shuffle(order) : order;
}

function checkGoingOn(isOver: boolean, signal: AbortSignal | undefined): void {
  if (!isOver && signal?.aborted !== true) return;
  throw new AlexNetError('ABORTED', {
    message: 'The reading of pictures was stopped.',
    cause: signal?.reason,
  });
}

function checkOptions(dataset: Dataset, options: BatchOptions): void {
  checkCount('batchSize', options.batchSize, 1);
  checkCount('startBatch', options.startBatch ?? 0, 0);
  checkCount('prefetch', options.prefetch ?? 0, 0);
  checkCount('parallel', options.parallel ?? 1, 1);
  const { augmentation, colourComponents, preprocessing } = options;
  if (augmentation) checkAugmentation(augmentation);
  if (augmentation && options.crops === TEN_CROPS) throw refuseVariedCrops();
  if (augmentation?.colourNoise) requireComponents(colourComponents, preprocessing.channels);
  createPreprocessor(preprocessing);
  preprocessedShape(options.preprocessing, dataset.pictureSize);
}

function refuseVariedCrops(): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: 'Ten crops are what a picture is tested with, and cannot be augmented.',
    hint: 'Leave "augmentation" or "crops" out.',
  });
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `"${name}" is a whole number from ${least} on, not ${value}.`,
    hint: `Leave "${name}" out for its default, or give ${Math.max(least, 1)} or more.`,
  });
}
