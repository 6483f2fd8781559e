import { type Shape, sizeOf, type Tensor } from '../tensor.ts';

/** A dense float64 array in row-major order. */
export interface Float64Tensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export function createFloat64Tensor(shape: Shape): Float64Tensor {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** Widens; an array that is float64 already is taken as it is. */
export function toFloat64(tensor: Tensor | Float64Tensor): Float64Tensor {
  const { shape, data } = tensor;
  return { shape, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}
