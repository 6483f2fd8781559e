import { centreOffset, type Interpolation, type Preprocessing } from '@alexnet/core';
import { inferResizedSize } from '../resize/resize.ts';
import type { Box, Size } from './geometry.ts';

/** Which pixels of a picture become the network's input, and at what size. */
export interface Framing {
  /** The part of the picture that is used. */
  readonly box: Box;
  /** What that part is resized to. */
  readonly size: Size;
  /** What is cut out of the resized part. May reach beyond it: there, pixels are 0. */
  readonly window: Box;
  readonly interpolation: Interpolation;
  /** Left and right change places. */
  readonly mirror: boolean;
}

/** What resizing goes by where the preprocessing itself does not resize. */
export const DEFAULT_INTERPOLATION: Interpolation = {
  filter: 'bilinear',
  antialias: true,
};

/** The framing that the preprocessing itself asks for: all of the picture, its middle cut out. */
export function frameCentre(
  { resize, crop }: Pick<Preprocessing, 'resize' | 'crop'>,
  picture: Size,
): Framing {
  const size = inferResizedSize(resize, picture);
  return {
    box: { left: 0, top: 0, width: picture.width, height: picture.height },
    size,
    window: crop === null ? { left: 0, top: 0, ...size } : centreCrop(size, crop),
    interpolation: resize.mode === 'none' ? DEFAULT_INTERPOLATION : resize,
    mirror: false,
  };
}

/**
 * Where torchvision's `CenterCrop` cuts. A picture that is smaller than the crop is padded first, the
 * odd pixel at the right and the bottom; what is larger is cut at round-half-to-even of the middle.
 *
 * @see torchvision 0.29, `functional.center_crop`
 */
export function centreCrop(picture: Size, crop: Size): Box {
  return {
    left: centreOffset(picture.width, crop.width),
    top: centreOffset(picture.height, crop.height),
    width: crop.width,
    height: crop.height,
  };
}
