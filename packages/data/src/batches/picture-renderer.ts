import { type Preprocessing, type RandomKey, restoreRandom } from '@alexnet/core';
import type { Augmentation } from '../augment/augmentation.ts';
import type { ColourComponents } from '../augment/colour-noise.ts';
import { drawVariation } from '../augment/variation.ts';
import { writeVariation } from '../augment/write-variation.ts';
import type { DeferredPicture } from '../dataset/deferred-picture.ts';
import type { Picture } from '../picture/picture.ts';
import type { PixelKernels } from '../preprocess/pixel-kernels.ts';
import { createPreprocessor, type Preprocessor } from '../preprocess/preprocess.ts';
import { TEN_CROPS, writeTenCrops } from '../preprocess/ten-crops.ts';

/** What rows of a batch have in common. */
export interface BatchSettings {
  readonly rows: number;
  /** Values of a row: those of [C, H, W], or of [10, C, H, W]. */
  readonly rowSize: number;
  readonly preprocessing: Preprocessing;
  /** 10: all of them, of pictures that are not varied. */
  readonly crops: 1 | 10;
  /** `null`: none. */
  readonly augmentation: Augmentation | null;
  readonly colourComponents: ColourComponents | null;
  /** Of the epoch: each picture's variation follows from it and the picture's index. */
  readonly randomKey: RandomKey;
}

/** A picture, and the row of a batch that it becomes. */
export interface RenderJob {
  /** A deferred one only where the renderer takes them. */
  readonly picture: Picture | DeferredPicture;
  /** In the data set. */
  readonly index: number;
  readonly row: number;
}

/** A batch being rendered. */
export interface BatchRendering {
  /**
   * Settles when the row is written.
   *
   * @returns whether the picture was had: `false` for a deferred one that could not be read or decoded; the
   *   picture itself for one that wants its pixels
   */
  render(job: RenderJob): Promise<boolean | Picture>;
  /** All rows, once nothing is being rendered any more. Rows never written are undefined. */
  take(): Promise<RenderedRows>;
}

export interface RenderedRows {
  /** May be in memory that threads share, and which is used again after `release`. */
  readonly images: Float32Array;
  /** The rows are not looked at any more. */
  release(): void;
  /** The rows in an array to keep, in memory that nobody shares; releases them. */
  keep(): Float32Array;
}

/** Turns pictures into inputs: in this thread, or wherever it likes. */
export interface PictureRenderer {
  /** How many pictures it works on at a time, at best. */
  readonly parallel: number;
  /** How many batches these pictures should be of. */
  readonly parallelBatches: number;
  /** Whether it reads and decodes deferred pictures. */
  readonly takesDeferred: boolean;
  openBatch(settings: BatchSettings): BatchRendering;
}

/** Renders in this thread. */
export function createRenderer(): PictureRenderer {
  const createRowWriter = createRowWriters();
  return {
    parallel: 1,
    parallelBatches: 1,
    takesDeferred: false,
    openBatch(settings) {
      const { rows, rowSize } = settings;
      const images = new Float32Array(rows * rowSize);
      const writeRow = createRowWriter(settings);
      return {
        render: async ({ picture, index, row }) => {
          if ('kind' in picture) return false;
          writeRow(picture, images.subarray(row * rowSize, (row + 1) * rowSize), index);
          return true;
        },
        take: async () => ({ images, release: () => {}, keep: () => images }),
      };
    },
  };
}

/**
 * Writes the row of the picture with this index.
 *
 * @param out - [C, H, W], or [10, C, H, W], all of it written to
 */
export type RowWriter = (picture: Picture, out: Float32Array, index: number) => void;

/** Makes the writers of one batch after another; what takes long is worked out anew for another preprocessing only. */
export function createRowWriters(
  createKernels?: (preprocessing: Preprocessing) => PixelKernels,
): (settings: BatchSettings) => RowWriter {
  let last: Preprocessor | null = null;
  return (settings) => {
    const { preprocessing } = settings;
    if (last === null || !isSame(last.preprocessing, preprocessing)) {
      last = createPreprocessor(preprocessing, createKernels?.(preprocessing));
    }
    return createRowWriter(settings, last);
  };
}

function createRowWriter(settings: BatchSettings, preprocessor: Preprocessor): RowWriter {
  const { preprocessing, crops, augmentation, colourComponents } = settings;
  const random = restoreRandom(settings.randomKey).split('augmentation');
  return (picture, out, index) => {
    if (crops === TEN_CROPS) writeTenCrops(picture, preprocessor, { out });
    else if (augmentation === null) preprocessor.write(picture, out);
    else {
      const variation = drawVariation(picture, {
        preprocessing,
        augmentation,
        ...(colourComponents && { colourComponents }),
        random: random.split(index),
      });
      writeVariation(picture, out, { preprocessor, variation });
    }
  };
}

/** Threads get a copy with each batch. */
function isSame(a: Preprocessing, b: Preprocessing): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
