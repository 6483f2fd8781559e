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

/** a · b, of matrices [M, K] and [K, N]. */
export function createProductGradient(
  builder: OnnxBuilder,
  operands: readonly [Value, Value],
): Gradient {
  return {
    value: () => builder.op('Gemm', operands),
    addTo: (array, factor) => builder.op('Gemm', [...operands, array], { beta: { f: factor } }),
  };
}
