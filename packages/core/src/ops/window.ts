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
 * Height and width after a sliding window.
 *
 *   floor((size + begin + end − kernel) / stride) + 1
 *
 * With `ceilMode` the quotient is rounded up, but no window starts behind the last pixel.
 *
 * @param size - [H, W]
 * @returns [H', W']
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the window does not fit once
 */
export function inferWindowedSize(
  name: string,
  size: readonly [number, number],
  window: WindowAttributes & { readonly ceilMode?: boolean },
): readonly [number, number] {
  const { kernelShape, strides, pads, ceilMode = false } = window;
  const slide = (axis: 0 | 1, begin: number, end: number) => {
    const padded = size[axis] + begin + end;
    const steps = (padded - kernelShape[axis]) / strides[axis];
    const windows = ceilMode
      ? Math.min(Math.ceil(steps) + 1, Math.ceil((size[axis] + begin) / strides[axis]))
      : Math.floor(steps) + 1;
    if (windows >= 1) return windows;
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `${name} runs out of pixels: its window is ${kernelShape[axis]} in ${axis === 0 ? 'height' : 'width'}, but its input has only ${padded}${begin + end === 0 ? '' : ` (${size[axis]} and padding)`}.`,
      hint: 'Use a larger input size.',
      path: [name],
    });
  };
  return [slide(0, pads[0], pads[2]), slide(1, pads[1], pads[3])];
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
