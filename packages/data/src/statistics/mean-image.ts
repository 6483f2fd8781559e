import { AlexNetError } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import type { Size } from '../preprocess/geometry.ts';

/** The mean of every single pixel, bytes / 255. */
export interface PixelMeans extends Size {
  readonly channels: 1 | 3;
  /** [height, width, channels] */
  readonly values: Float64Array;
}

export interface MeanImageSums {
  /** @throws AlexNetError `INVALID_ARGUMENT` for a picture of another size */
  add(picture: Picture): void;
  finish(channels: 1 | 3): PixelMeans;
}

/** Adds pictures of one size up, pixel by pixel; sums are whole numbers, and so exact. */
export function createMeanImage({ width, height }: Size): MeanImageSums {
  const sums = new Float64Array(width * height * 3);
  let count = 0;
  return {
    add(picture) {
      if (picture.width !== width || picture.height !== height) throw refuseSize(picture);
      const { pixels, channels } = picture;
      for (let i = 0; i < width * height; i++) {
        for (let c = 0; c < 3; c++) {
          const value = pixels[i * channels + (channels === 1 ? 0 : c)] as number;
          sums[3 * i + c] = (sums[3 * i + c] as number) + value;
        }
      }
      count += 1;
    },
    finish(channels) {
      const values = new Float64Array(width * height * channels);
      for (let i = 0; i < values.length; i++) {
        values[i] = (sums[channels === 1 ? 3 * i : i] as number) / count / 255;
      }
      return { width, height, channels, values };
    },
  };

  function refuseSize(picture: Picture): AlexNetError {
    return new AlexNetError('INVALID_ARGUMENT', {
      message: `A mean image of ${width} × ${height} pixels cannot take a picture of ${picture.width} × ${picture.height}.`,
      hint: 'Give a framing with a crop, or one that resizes to exact sides.',
    });
  }
}
