import { AlexNetError, type Resize } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import type { Size } from '../preprocess/geometry.ts';
import { resample } from './resample.ts';

/**
 * The sides that a resize gives.
 *
 * Short side: `size`; long side: trunc(size · long / short), as torchvision's `Resize(size)`.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if a side is not a whole number above 0
 */
export function inferResizedSize(resize: Resize, { width, height }: Size): Size {
  switch (resize.mode) {
    case 'none':
      return { width, height };
    case 'exact':
      checkSide('width', resize.width);
      checkSide('height', resize.height);
      return { width: resize.width, height: resize.height };
    case 'short-side': {
      const { size } = resize;
      checkSide('size', size);
      return width <= height
        ? { width: size, height: Math.trunc((size * height) / width) }
        : { width: Math.trunc((size * width) / height), height: size };
    }
    default:
      return resize satisfies never;
  }
}

/**
 * Resizes a picture: with `antialias` bit for bit as Pillow (and so torchvision on PIL pictures).
 *
 * Without `antialias` the filter keeps its support of one sample (bilinear) or two (bicubic) when it
 * shrinks, as the scripts around Caffe and TensorFlow 1 did; sample centres are at half pixels.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if a side is not a whole number above 0
 * @see Pillow 13, `Image.resize`; torchvision 0.29, `functional.resize`
 */
export function resizePicture(picture: Picture, resize: Resize): Picture {
  if (resize.mode === 'none') return picture;
  const size = inferResizedSize(resize, picture);
  return resample(picture, {
    box: { left: 0, top: 0, width: picture.width, height: picture.height },
    size,
    window: { left: 0, top: 0, ...size },
    interpolation: resize,
  });
}

function checkSide(name: string, pixels: number): void {
  if (Number.isInteger(pixels) && pixels > 0) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `"${name}" of a resize is a whole number of pixels above 0, not ${pixels}.`,
    hint: 'Give the side in pixels, 256 for example.',
  });
}
