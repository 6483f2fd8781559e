import { AlexNetError } from '../errors.ts';
import type { JsonReader } from '../read-json.ts';
import { formatShape, type Shape } from '../tensor.ts';

/** A window that slides over height and width. */
export interface WindowAttributes {
  /** [kH, kW] */
  readonly kernelShape: readonly [number, number];
  readonly strides: readonly [number, number];
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
}

/**
 * Height and width after a sliding window, rounded down.
 *
 *   floor((size + begin + end − kernel) / stride) + 1
 *
 * @param size - [H, W]
 * @returns [H', W']
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the window does not fit once
 */
export function inferWindowedSize(
  name: string,
  size: readonly [number, number],
  { kernelShape, strides, pads: [top, left, bottom, right] }: WindowAttributes,
): readonly [number, number] {
  const slide = (axis: 0 | 1, padding: number) => {
    const padded = size[axis] + padding;
    if (padded < kernelShape[axis]) {
      throw new AlexNetError('SHAPE_MISMATCH', {
        message: `${name} runs out of pixels: its window is ${kernelShape[axis]} in ${axis === 0 ? 'height' : 'width'}, but its input has only ${padded}${padding === 0 ? '' : ` (${size[axis]} and padding)`}.`,
        hint: 'Use a larger input size.',
        path: [name],
      });
    }
    return Math.floor((padded - kernelShape[axis]) / strides[axis]) + 1;
  };
  return [slide(0, top + bottom), slide(1, left + right)];
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

/** Reads a window's attributes from untrusted JSON. */
export function parseWindow(json: JsonReader): WindowAttributes {
  const [kernelH = 0, kernelW = 0] = json.field('kernelShape').integers(2, 1);
  const [strideH = 0, strideW = 0] = json.field('strides').integers(2, 1);
  const [top = 0, left = 0, bottom = 0, right = 0] = json.field('pads').integers(4);
  return {
    kernelShape: [kernelH, kernelW],
    strides: [strideH, strideW],
    pads: [top, left, bottom, right],
  };
}
