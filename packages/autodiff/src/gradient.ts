import type { OnnxBuilder, Value } from '@alexnet/export';

/** A gradient on its way into an update. */
export interface Gradient {
  value(): Value;
  /** factor · array + gradient; a matrix product does it on the way. */
  addTo(array: Value, factor: number): Value;
}

/** A gradient that is there. */
export function createGradient(builder: OnnxBuilder, value: Value): Gradient {
  return {
    value: () => value,
    addTo: (array, factor) =>
      builder.op('Add', [builder.op('Mul', [array, builder.scalar(factor)]), value]),
  };
}

/** aᵀ · b, of matrices [K, M] and [K, N]. */
export function createProductGradient(
  builder: OnnxBuilder,
  [a, b]: readonly [Value, Value],
): Gradient {
  return {
    value: () => builder.op('Gemm', [a, b], { transA: { i: 1 } }),
    addTo: (array, factor) =>
      builder.op('Gemm', [a, b, array], { transA: { i: 1 }, beta: { f: factor } }),
  };
}
