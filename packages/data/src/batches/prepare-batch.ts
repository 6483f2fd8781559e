import type { LimitFunction } from 'p-limit';
import { drawVariation } from '../augment/variation.ts';
import { isBadPicture } from '../dataset/bad-pictures.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { checkPicture } from '../picture/picture.ts';
import { preprocessedShape } from '../preprocess/preprocess.ts';
import type { Batch, BatchOptions } from './batch.ts';
import type { PictureRenderer } from './picture-renderer.ts';

export interface PreparedBatch {
  readonly batch: Batch;
  readonly bad: readonly BadPicture[];
}

export interface BadPicture {
  readonly name: string;
  readonly error: unknown;
}

export interface Preparation {
  readonly limiter: LimitFunction;
  readonly renderer: PictureRenderer;
  /** Throws once nothing new is to be begun. */
  checkGoingOn(): void;
}

/** Makes one batch of the pictures with these indices. */
export type PrepareBatch = (indices: Uint32Array) => Promise<PreparedBatch>;

/**
 * @throws AlexNetError `INVALID_ARGUMENT` if the input's size is not fixed
 */
export function createBatchMaker(
  dataset: Dataset,
  options: BatchOptions,
  { limiter, renderer, checkGoingOn }: Preparation,
): PrepareBatch {
  const { batchSize, preprocessing, crops = 1 } = options;
  const shape = preprocessedShape(preprocessing, dataset.pictureSize);
  const rowSize = shape.reduce((a, b) => a * b, crops);
  const writePicture = createPictureWriter(dataset, options, renderer);
  return async (indices) => {
    const allocated = renderer.allocate(batchSize * rowSize);
    // All are waited for, also after a failure: nothing goes on reading behind the receiver's back.
    const outcomes = await Promise.allSettled(
      Array.from(indices, (index, row) =>
        limiter(async () => {
          checkGoingOn();
          await writePicture(index, allocated.subarray(row * rowSize, (row + 1) * rowSize));
        }),
      ),
    );
    const images = renderer.take(allocated);
    const rows: number[] = [];
    const bad: BadPicture[] = [];
    outcomes.forEach((outcome, row) => {
      if (outcome.status === 'fulfilled') rows.push(row);
      else if (isBadPicture(outcome.reason)) {
        bad.push({ name: dataset.nameOf(indices[row] ?? -1), error: outcome.reason });
      } else throw outcome.reason;
    });
    closeGaps(images, rows, rowSize);
    const kept = Uint32Array.from(rows, (row) => indices[row] ?? -1);
    const labels = Int32Array.from(kept, (index) => dataset.labelOf(index));
    return { batch: { images, labels, indices: kept, count: rows.length }, bad };
  };
}

function createPictureWriter(
  dataset: Dataset,
  { preprocessing, augmentation, colourComponents, crops = 1, random }: BatchOptions,
  renderer: PictureRenderer,
): (index: number, out: Float32Array) => Promise<void> {
  return async (index, out) => {
    const picture = await dataset.readPicture(index);
    checkPicture(picture);
    const variation =
      augmentation === undefined
        ? null
        : drawVariation(picture, {
            preprocessing,
            augmentation,
            ...(colourComponents && { colourComponents }),
            random: random.split('augmentation', index),
          });
    await renderer.render({ picture, preprocessing, variation, crops, out });
  };
}

/** Moves the rows that hold a picture to the front and clears what is behind them. */
function closeGaps(images: Float32Array, rows: readonly number[], rowSize: number): void {
  rows.forEach((row, to) => {
    if (row !== to) images.copyWithin(to * rowSize, row * rowSize, (row + 1) * rowSize);
  });
  images.fill(0, rows.length * rowSize);
}
