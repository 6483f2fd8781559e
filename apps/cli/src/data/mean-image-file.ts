import { AlexNetError, createTensor, type Tensor } from '@alexnet/core';
import type { PixelMeans } from '@alexnet/data';
import { writeFileAtomic } from '@alexnet/export/node';
import { writeNpy } from '@alexnet/weights';
import { resolvePath } from '../terminal/resolve-path.ts';

const SUFFIX = '.npy';
const WHITE = 255;

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for a name that is not one of NumPy's */
export function meanImagePath(argument: string): string {
  if (argument.toLowerCase().endsWith(SUFFIX)) return resolvePath(argument);
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A mean image is written as ${SUFFIX}, but --mean-image is ${argument}.`,
    hint: `Name it mean${SUFFIX}.`,
    path: [argument],
  });
}

/**
 * Writes a mean image as an array of NumPy, whole or not at all: float32 [C, H, W] in 0–255, red first.
 *
 * @throws what writing throws
 */
export function writeMeanImage(path: string, mean: PixelMeans): Promise<void> {
  return writeFileAtomic(path, writeNpy(toPlanes(mean)));
}

/** Shape: [H, W, C] in 0–1 → [C, H, W] in 0–255 */
export function toPlanes({ height, width, channels, values }: PixelMeans): Tensor {
  const planes = createTensor([channels, height, width]);
  const planeSize = height * width;
  for (const [index, value] of values.entries()) {
    const channel = index % channels;
    planes.data[channel * planeSize + (index - channel) / channels] = value * WHITE;
  }
  return planes;
}
