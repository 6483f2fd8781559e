import { AlexNetError } from '@alexnet/core';
import type { Size } from '../preprocess/geometry.ts';

export interface PictureLimits {
  /** Width × height at most. */
  readonly maxPixels: number;
  /** Width and height at least. */
  readonly minSide: number;
  /** Size of the encoded picture at most. */
  readonly maxFileBytes: number;
}

/** 100 million pixels are 300 MB decoded; pictures of one pixel are tracking dots and broken downloads. */
export const PICTURE_LIMITS: PictureLimits = {
  maxPixels: 100_000_000,
  minSide: 2,
  maxFileBytes: 500_000_000,
};

/**
 * @param options.name - what messages call the picture
 * @throws {@link AlexNetError} `INVALID_PICTURE` with both numbers
 */
export function checkPictureSize(
  { width, height }: Size,
  { limits, name }: { readonly limits: PictureLimits; readonly name: string },
): void {
  if (Math.min(width, height) < limits.minSide) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${name} is ${width} × ${height} pixels; each side must have at least ${limits.minSide}.`,
      hint: 'Remove it: there is nothing to see in it.',
      path: [name],
    });
  }
  if (width * height > limits.maxPixels) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${name} is ${width} × ${height} = ${width * height} pixels; the limit is ${limits.maxPixels}.`,
      hint: 'Make it smaller, or raise "maxPixels" if you trust where it comes from.',
      path: [name],
    });
  }
}
