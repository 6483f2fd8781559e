import pLimit, { type LimitFunction } from 'p-limit';
import { isBadPicture } from '../dataset/bad-pictures.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { checkPicture, type Picture } from '../picture/picture.ts';
import { preprocessedShape } from '../preprocess/preprocess.ts';
import type { Batch, BatchOptions } from './batch.ts';
import type { BatchRendering, BatchSettings, PictureRenderer } from './picture-renderer.ts';

export interface PreparedBatch {
  readonly batch: Batch;
  readonly bad: readonly BadPicture[];
  /** The receiver is done with it. */
  release(): void;
}

export interface BadPicture {
  readonly name: string;
  readonly error: unknown;
}

export interface Preparation {
  /** Of all batches together. */
  readonly limiter: LimitFunction;
  /** Pictures of one batch at a time, so that others get their share. */
  readonly parallelOfBatch: number;
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
  { limiter, parallelOfBatch, renderer, checkGoingOn }: Preparation,
): PrepareBatch {
  const { batchSize, preprocessing, crops = 1 } = options;
  const shape = preprocessedShape(preprocessing, dataset.pictureSize);
  const rowSize = shape.reduce((a, b) => a * b, crops);
  const settings: BatchSettings = {
    rows: batchSize,
    rowSize,
    preprocessing,
    crops,
    augmentation: options.augmentation ?? null,
    colourComponents: options.colourComponents ?? null,
    randomKey: options.random.key,
  };
  const writePicture = createPictureWriter(dataset, renderer);
  return async (indices) => {
    const rendering = renderer.openBatch(settings);
    const limitBatch = pLimit(parallelOfBatch);
    // All are waited for, also after a failure: nothing goes on reading behind the receiver's back.
    const outcomes = await Promise.allSettled(
      Array.from(indices, (index, row) =>
        limitBatch(() =>
          limiter(async () => {
            checkGoingOn();
            await writePicture({ index, row }, rendering);
          }),
        ),
      ),
    );
    const rendered = await rendering.take();
    const rows: number[] = [];
    const bad: BadPicture[] = [];
    outcomes.forEach((outcome, row) => {
      if (outcome.status === 'fulfilled') rows.push(row);
      else if (isBadPicture(outcome.reason)) {
        bad.push({ name: dataset.nameOf(indices[row] ?? -1), error: outcome.reason });
      } else {
        rendered.release();
        throw outcome.reason;
      }
    });
    closeGaps(rendered.images, rows, rowSize);
    const kept = Uint32Array.from(rows, (row) => indices[row] ?? -1);
    const labels = Int32Array.from(kept, (index) => dataset.labelOf(index));
    const images = options.reuse ? rendered.images : rendered.keep();
    const batch = { images, labels, indices: kept, count: rows.length };
    return { batch, bad, release: options.reuse ? rendered.release : () => {} };
  };
}

type PictureWriter = (
  place: { readonly index: number; readonly row: number },
  rendering: BatchRendering,
) => Promise<void>;

function createPictureWriter(dataset: Dataset, { takesDeferred }: PictureRenderer): PictureWriter {
  return async ({ index, row }, rendering) => {
    const picture =
      takesDeferred && dataset.deferPicture
        ? await dataset.deferPicture(index)
        : await dataset.readPicture(index);
    if ('kind' in picture) {
      const had = await rendering.render({ picture, index, row });
      if (had === false) {
        await rendering.render({ picture: await readChecked(dataset, index), index, row });
      } else dataset.confirmPicture?.(index, had === true ? undefined : had);
    } else {
      checkPicture(picture);
      await rendering.render({ picture, index, row });
    }
  };
}

async function readChecked(dataset: Dataset, index: number): Promise<Picture> {
  const picture = await dataset.readPicture(index);
  checkPicture(picture);
  return picture;
}

/** Moves the rows that hold a picture to the front and clears what is behind them. */
function closeGaps(images: Float32Array, rows: readonly number[], rowSize: number): void {
  rows.forEach((row, to) => {
    if (row !== to) images.copyWithin(to * rowSize, row * rowSize, (row + 1) * rowSize);
  });
  images.fill(0, rows.length * rowSize);
}
