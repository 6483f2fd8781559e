import { decodeMeanImage, type MeanImage, type Preprocessing } from '@alexnet/core';
import { centreCrop, type Framing } from './framing.ts';

/** Changes the channels of one framed picture in place. */
export type SubtractMeanImage = (planes: readonly Float32Array[], framing: Framing) => void;

/**
 * Takes a mean image out of pictures, then divides each channel by its std.
 *
 *   value = (value − mean[channel][y][x]) / std[channel], in float32
 *
 * The mean lies on the middle of the resized picture, and each crop is less the part that lies under it, or the nearest
 * part where it reaches beyond the mean; what is mirrored is so with its mean. So a mean of the crop's size goes with the
 * crop, and a part of a picture that was resized on its own is less the middle.
 *
 * @throws AlexNetError `INVALID_MODEL` for a mean image that does not fit the pictures
 */
export function createMeanSubtraction(
  mean: MeanImage,
  preprocessing: Preprocessing,
): SubtractMeanImage {
  const means = decodeMeanImage(mean, preprocessing);
  // A typed array, because a whole number out of a plain one is divided by at half the speed.
  const spreads = Float32Array.from(preprocessing.std);
  return (planes, { size, window, mirror }) => {
    const { width, height } = window;
    const place = centreCrop(size, mean);
    const left = clamp(window.left - place.left, mean.width - width);
    const top = clamp(window.top - place.top, mean.height - height);
    const step = mirror ? -1 : 1;
    for (const [channel, values] of planes.entries()) {
      const spread = spreads[channel] as number;
      for (let y = 0; y < height; y++) {
        let from = ((channel * mean.height + top + y) * mean.width + left) | 0;
        let to = (y * width + (mirror ? width - 1 : 0)) | 0;
        for (let x = 0; x < width; x++) {
          values[to] = Math.fround((values[to] as number) - (means[from] as number)) / spread;
          from = (from + 1) | 0;
          to = (to + step) | 0;
        }
      }
    }
  };
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}
