import { AlexNetError } from '../errors.ts';
import type { JsonReader } from '../read-json.ts';
import { formatShape, type Shape } from '../tensor.ts';
import { checkRank, inferWindowedSize, parseWindow, type WindowAttributes } from './window.ts';

/** A window that slides and makes one number of what it sees. Its pads are smaller than its kernel. */
export interface PoolAttributes extends WindowAttributes {
  /**
   * Whether the number of windows is rounded up, so that the last one may reach beyond the padding. A window
   * that would start behind the last pixel is dropped: PyTorch's, Caffe's and ONNX's meaning.
   */
  readonly ceilMode: boolean;
}

interface PoolNode {
  readonly op: string;
  readonly name: string;
  readonly attributes: PoolAttributes;
}

/**
 * x [N, C, H, W] → y [N, C, H', W']
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the window does not fit, `INVALID_GRAPH` if a window could
 *   see nothing but padding
 */
export function inferPooledShape({ op, name, attributes }: PoolNode, x: Shape): Shape {
  checkRank(name, op, x, 4);
  const { kernelShape, pads } = attributes;
  for (const [side, pad] of pads.entries()) {
    const kernel = kernelShape[side % 2] ?? 0;
    if (pad < kernel) continue;
    throw new AlexNetError('INVALID_GRAPH', {
      message: `${name} has pads ${formatShape(pads)} around a window of ${formatShape(kernelShape)}: a window could see nothing but padding.`,
      hint: `Pads are [top, left, bottom, right]; each must be smaller than the window (${kernelShape.join('×')}).`,
      path: [name],
    });
  }
  const [N = 1, C = 0, H = 0, W = 0] = x;
  return [N, C, ...inferWindowedSize(name, [H, W], attributes)];
}

/**
 * How far the last window of `ceilMode` reaches beyond the padding, downwards and to the right; 0 without it.
 * Pads that are larger by this, rounded down, give the same windows.
 *
 * @param size - [H, W] of the picture
 */
export function inferOverhang(
  name: string,
  size: readonly [number, number],
  attributes: PoolAttributes,
): readonly [bottom: number, right: number] {
  const {
    kernelShape,
    strides,
    pads: [top, left, bottom, right],
  } = attributes;
  const windows = inferWindowedSize(name, size, attributes);
  const reach = (axis: 0 | 1, padding: number) => {
    const end = (windows[axis] - 1) * strides[axis] + kernelShape[axis];
    return Math.max(0, end - size[axis] - padding);
  };
  return [reach(0, top + bottom), reach(1, left + right)];
}

/** Reads a pool's attributes from untrusted JSON; without `ceilMode` they mean that it is off. */
export function parsePool(json: JsonReader): PoolAttributes {
  return {
    ...parseWindow(json),
    ceilMode: json.has('ceilMode') && json.field('ceilMode').boolean(),
  };
}
