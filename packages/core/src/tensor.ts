import { AlexNetError } from './errors.ts';

/** Lengths of the axes, outermost first. */
export type Shape = readonly number[];

/** A dense float32 array in row-major order. Pictures are NCHW, convolution weights OIHW. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Weights by name: `conv1.weight` [O, I / groups, kH, kW], `fc6.weight` [out, in], `fc6.bias` [out]. */
export type Weights = ReadonlyMap<string, Tensor>;

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A shape as people write it: `[64, 3, 11, 11]`. */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`;
}

export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/**
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if `data` has not as many elements as `shape` says.
 */
export function createTensor(shape: Shape, data?: Float32Array): Tensor {
  const size = sizeOf(shape);
  if (data && data.length !== size) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `A tensor of shape ${formatShape(shape)} has ${size} elements, but ${data.length} were given.`,
      hint: 'Check the shape against the array it describes.',
    });
  }
  return { shape, data: data ?? new Float32Array(size) };
}
