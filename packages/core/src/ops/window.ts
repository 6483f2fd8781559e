import { AlexNetError } from '../errors.ts';
import type { JsonReader } from '../read-json.ts';
import { formatShape, type Shape } from '../tensor.ts';

export interface WindowAxis {
  readonly name: string;
  readonly axis: 'height' | 'width';
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/**
 * Length of one axis after a sliding window, rounded down.
 *
 *   floor((size + padBegin + padEnd − kernel) / stride) + 1
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the window does not fit once.
 */
export function inferWindowedSize({
  name,
  axis,
  size,
  kernel,
  stride,
  padBegin,
  padEnd,
}: WindowAxis): number {
  const padded = size + padBegin + padEnd;
  if (padded < kernel) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `${name} runs out of pixels: its window is ${kernel} in ${axis}, but its input has only ${padded}${padded === size ? '' : ` (${size} and padding)`}.`,
      hint: 'Use a larger input size.',
      path: [name],
    });
  }
  return Math.floor((padded - kernel) / stride) + 1;
}

/** @throws {@link AlexNetError} `SHAPE_MISMATCH` */
export function checkRank(name: string, op: string, shape: Shape, rank: number): void {
  if (shape.length !== rank) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `${name} (${op}) expects an input of rank ${rank} but got ${formatShape(shape)}.`,
      hint:
        rank === 4
          ? 'Pictures are [N, C, H, W].'
          : 'Put a Flatten before it: it expects [N, features].',
      path: [name],
    });
  }
}

/** [height, width] */
export function parsePair(json: JsonReader, minimum: number): readonly [number, number] {
  const [height = 0, width = 0] = json.integers(2, minimum);
  return [height, width];
}

/** [top, left, bottom, right] */
export function parsePads(json: JsonReader): readonly [number, number, number, number] {
  const [top = 0, left = 0, bottom = 0, right = 0] = json.integers(4);
  return [top, left, bottom, right];
}
