import { AlexNetError, type Preprocessing } from '@alexnet/core';
import pLimit from 'p-limit';
import type { ColourComponents } from '../augment/colour-noise.ts';
import { type BadPictureLog, createBadPictureLog, isBadPicture } from '../dataset/bad-pictures.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { checkPicture, type Picture } from '../picture/picture.ts';
import { toGrey } from '../preprocess/channels.ts';
import { framePicture } from '../preprocess/frame-picture.ts';
import type { Size } from '../preprocess/geometry.ts';
import { preprocessedShape } from '../preprocess/preprocess.ts';
import { ColourMoments } from './colour-moments.ts';
import { createMeanImage, type PixelMeans } from './mean-image.ts';
import { decomposeSymmetric } from './symmetric-eigen.ts';

/** Of all pixels of a data set; values are bytes / 255. */
export interface DatasetStatistics {
  readonly pictures: number;
  readonly pixels: number;
  /** 1 where every picture counts in grey; else 3, and grey pictures count as three equal channels. */
  readonly channels: 1 | 3;
  /** By channel: red, green, blue. */
  readonly mean: readonly number[];
  /** By channel, over all pixels (divided by n, not n − 1). */
  readonly std: readonly number[];
  readonly covariance: readonly (readonly number[])[];
  /** Eigenvalues and eigenvectors of the covariance: what colour noise goes by. */
  readonly components: ColourComponents;
  readonly meanImage: PixelMeans | null;
}

export interface MeasureOptions {
  /** What of each picture counts: resized and cropped so. All of it as it is, unless given. */
  readonly framing?: Pick<Preprocessing, 'resize' | 'crop'>;
  /** Whether colours count in shades of grey, as a grey network sees them. */
  readonly grey?: boolean;
  /** Whether the mean of every single pixel is wanted: pictures must then have one size. */
  readonly meanImage?: boolean;
  readonly badPictures?: BadPictureLog;
  readonly signal?: AbortSignal;
  /** Called after each picture, with the number of pictures done. */
  readonly onProgress?: (pictures: number) => void;
}

/** Pictures in memory at a time. */
const PARALLEL = 8;
/** Pictures asked for at a time: a million promises at once would be memory in proportion to the set. */
const CHUNK = 256;

/**
 * Measures a data set in one pass: what its pixels are on average, and how they vary together.
 *
 * Sums are whole numbers, so the result depends neither on the order of the pictures nor on how many there
 * are; memory holds some pictures at a time.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` if no picture can be read, or too many cannot;
 *   `INVALID_ARGUMENT` for a mean image of pictures of several sizes; `ABORTED` by the signal
 * @example
 * const { mean, std } = await measureDataset(training);
 * console.log(mean, std); // [ 0.44, 0.42, 0.3 ] [ 0.28, 0.25, 0.27 ]
 */
export async function measureDataset(
  dataset: Dataset,
  options: MeasureOptions = {},
): Promise<DatasetStatistics> {
  const badPictures = options.badPictures ?? createBadPictureLog(dataset);
  const moments = new ColourMoments();
  const meanImage = options.meanImage ? createMeanImage(fixedSize(dataset, options)) : null;
  let pictures = 0;
  await forEachPicture(dataset, { ...options, badPictures }, (picture) => {
    moments.add(picture);
    meanImage?.add(picture);
    pictures += 1;
  });
  if (pictures === 0) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `"${dataset.name}" has no picture that could be measured.`,
      hint: 'Check that it holds pictures.',
    });
  }
  const { covariance, channels } = moments;
  const { values, vectors } = decomposeSymmetric(covariance);
  return {
    pictures,
    pixels: moments.pixels,
    channels,
    mean: moments.mean,
    std: covariance.map((row, channel) => Math.sqrt(row[channel] ?? 0)),
    covariance,
    components: { eigenvalues: values, eigenvectors: vectors },
    meanImage: meanImage?.finish(channels) ?? null,
  };
}

async function forEachPicture(
  dataset: Dataset,
  {
    framing,
    grey = false,
    badPictures,
    signal,
    onProgress,
  }: MeasureOptions & { readonly badPictures: BadPictureLog },
  visit: (picture: Picture) => void,
): Promise<void> {
  const limiter = pLimit(PARALLEL);
  let done = 0;
  const read = async (index: number) => {
    checkGoingOn(signal);
    try {
      const picture = await dataset.readPicture(index);
      checkPicture(picture);
      const framed = framing ? framePicture(picture, framing) : picture;
      visit(grey ? toGrey(framed) : framed);
    } catch (error) {
      if (!isBadPicture(error)) throw error;
      badPictures.add(dataset.nameOf(index), error);
    }
    done += 1;
    onProgress?.(done);
  };
  for (let start = 0; start < dataset.length; start += CHUNK) {
    const length = Math.min(CHUNK, dataset.length - start);
    const outcomes = await Promise.allSettled(
      Array.from({ length }, (_, i) => limiter(() => read(start + i))),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/** @throws AlexNetError `INVALID_ARGUMENT` if the pictures have no one size */
function fixedSize(dataset: Dataset, { framing }: MeasureOptions): Size {
  const [, height, width] = preprocessedShape(
    { ...(framing ?? { resize: { mode: 'none' }, crop: null }), channels: 'RGB' },
    dataset.pictureSize,
  );
  return { height, width };
}

function checkGoingOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new AlexNetError('ABORTED', {
    message: 'The measuring of pictures was stopped.',
    cause: signal.reason,
  });
}
