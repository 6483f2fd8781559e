import type { Preprocessing } from '@alexnet/core';
import type { Variation } from '../augment/variation.ts';
import { writeVariation } from '../augment/write-variation.ts';
import type { Picture } from '../picture/picture.ts';
import { createPreprocessor, type Preprocessor } from '../preprocess/preprocess.ts';
import { TEN_CROPS, writeTenCrops } from '../preprocess/ten-crops.ts';

/** A decoded picture, and the row of a batch that it becomes. */
export interface RenderJob {
  readonly picture: Picture;
  readonly preprocessing: Preprocessing;
  /** `null`: as the preprocessing says. */
  readonly variation: Variation | null;
  /** 10: all of them, in place of a variation. */
  readonly crops?: 1 | 10;
  /** [C, H, W], or [10, C, H, W], all of it written to; a part of what the renderer allocated. */
  readonly out: Float32Array;
}

/** Turns decoded pictures into inputs: in this thread, or wherever it likes. */
export interface PictureRenderer {
  /** How many pictures it works on at a time, at best. */
  readonly parallel: number;
  /** An array that `render` can write to from where it works; what is in it is undefined. */
  allocate(length: number): Float32Array;
  /** Takes an allocated array back, all work on it done, and gives its values in an array to keep. */
  take(allocated: Float32Array): Float32Array;
  /** Settles when the row is written. */
  render(job: RenderJob): Promise<void>;
}

/** Renders in this thread. */
export function createRenderer(): PictureRenderer {
  const write = createJobWriter();
  return {
    parallel: 1,
    allocate: (length) => new Float32Array(length),
    take: (allocated) => allocated,
    render: async (job) => write(job),
  };
}

/** Writes jobs one after another; what can be worked out from a preprocessing is kept for the next job. */
export function createJobWriter(): (job: RenderJob) => void {
  let known: { readonly key: string; readonly preprocessor: Preprocessor } | undefined;
  return ({ picture, preprocessing, variation, crops, out }) => {
    const key = JSON.stringify(preprocessing);
    if (known?.key !== key) known = { key, preprocessor: createPreprocessor(preprocessing) };
    const { preprocessor } = known;
    if (crops === TEN_CROPS) writeTenCrops(picture, preprocessor, { out });
    else if (variation === null) preprocessor.write(picture, out);
    else writeVariation(picture, out, { preprocessor, variation });
  };
}
