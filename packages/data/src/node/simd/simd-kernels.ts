import type { Preprocessing } from '@alexnet/core';
import type { Picture } from '../../picture/picture.ts';
import { type PixelKernels, PORTABLE_KERNELS } from '../../preprocess/pixel-kernels.ts';
import type { Placing } from '../../preprocess/planes.ts';
import { planResample, type Resample, type ResampleOptions } from '../../resize/resample.ts';
import { type KernelMemory, ROOM_BYTES } from './kernel-memory.ts';
import { type LevelArithmetic, planLevelArithmetic } from './level-arithmetic.ts';
import { resamplePicture } from './resample-picture.ts';
import { RGB } from './rows.ts';
import { createWeightCache } from './weight-cache.ts';
import { fillsPlanes, writeLevels } from './write-levels.ts';

/** Bytes of a pixel, and some to spare. */
const PIXEL_BYTES = 4;

/**
 * Resizes pictures and writes their inputs of three channels by WebAssembly's SIMD, to the last bit as the portable
 * kernels do, which take what else there is: grey inputs, those that are larger than the picture, pictures of many
 * pixels.
 *
 * A picture in the kernels' memory is read where it is, and an input there written where it is.
 */
export function createSimdKernels(
  preprocessing: Preprocessing,
  { memory, resample }: { readonly memory: KernelMemory; readonly resample: Resample },
): PixelKernels {
  let known: { readonly table: Float32Array; readonly arithmetic: LevelArithmetic | null } | null =
    null;
  const findArithmetic = (table: Float32Array) => {
    if (known?.table !== table) {
      known = { table, arithmetic: planLevelArithmetic(preprocessing, table) };
    }
    return known.arithmetic;
  };
  return {
    resample,
    writePlanes(picture, out, placing) {
      const isSuited = fillsPlanes(placing) && hasRoomToWrite(picture, placing);
      const arithmetic = isSuited ? findArithmetic(placing.table) : null;
      if (arithmetic) writeLevels(picture, out, { placing, arithmetic, memory });
      else PORTABLE_KERNELS.writePlanes(picture, out, placing);
    },
  };
}

export function createSimdResample(memory: KernelMemory): Resample {
  const cache = createWeightCache();
  return (picture, options) => {
    const plan = hasRoomToResample(picture, options)
      ? planResample(options, cache.createWeights)
      : null;
    return plan && (plan.horizontal || plan.vertical)
      ? resamplePicture(picture, plan, { memory, cache })
      : PORTABLE_KERNELS.resample(picture, options);
  };
}

/** For the picture, what the first pass makes of it, the result, the weights, and the input's planes. */
function hasRoomToResample({ width, height }: Picture, { box, window }: ResampleOptions): boolean {
  const between = Math.max(window.width * box.height, window.height * box.width);
  const weights = 4 * (box.width + box.height + 16 * (window.width + window.height));
  const planes = (1 + RGB) * window.width * window.height;
  return PIXEL_BYTES * (width * height + between + planes + weights) <= ROOM_BYTES;
}

function hasRoomToWrite({ width, height }: Picture, { planeSize }: Placing): boolean {
  return PIXEL_BYTES * (width * height + RGB * planeSize) <= ROOM_BYTES;
}
