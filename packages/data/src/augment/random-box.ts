import { type Random, roundHalfToEven } from '@alexnet/core';
import type { Box, Size } from '../preprocess/geometry.ts';

/** Tries to find a rectangle that fits. */
const TRIES = 10;

export interface BoxRanges {
  /** Share of the area: [least, most]. */
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
}

/**
 * A rectangle at a random place, its area uniform and its aspect log-uniform in their ranges; `null` where
 * none of ten fits.
 *
 * @param options.sidesOf - width and height of an area and an aspect, before they are rounded
 * @param options.fits - whether sides are usable
 * @see torchvision 0.29, `RandomResizedCrop.get_params`, `RandomErasing.get_params`
 */
export function drawRandomBox(
  { width, height }: Size,
  { scale, ratio }: BoxRanges,
  {
    random,
    sidesOf,
    fits,
  }: {
    readonly random: Random;
    readonly sidesOf: (area: number, aspect: number) => Size;
    readonly fits: (size: Size) => boolean;
  },
): Box | null {
  for (let i = 0; i < TRIES; i++) {
    const area = width * height * random.uniform(...scale);
    const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const sides = sidesOf(area, aspect);
    const size = { width: roundHalfToEven(sides.width), height: roundHalfToEven(sides.height) };
    if (size.width < 1 || size.height < 1 || !fits(size)) continue;
    const top = random.integer(height - size.height + 1);
    return { ...size, top, left: random.integer(width - size.width + 1) };
  }
  return null;
}
