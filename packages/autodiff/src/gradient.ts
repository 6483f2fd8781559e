import type { OnnxBuilder, Value } from '@alexnet/export';

/** A gradient on its way into an update. */
export interface Gradient {
  value(): Value;
  /** factor · array + gradient; a matrix product does it on the way. */
  addTo(array: Value, factor: number): Value;
  /** scalar · gradient; the smaller operand of a matrix product takes it. */
  times(scalar: Value): Gradient;
  /** The sum of its squares; `null` where it is not had sooner than the gradient itself. */
  readonly squaredNorm: (() => Value) | null;
}

/** A gradient that is there. */
export function createGradient(builder: OnnxBuilder, value: Value): Gradient {
  return {
    value: () => value,
    addTo: (array, factor) =>
      builder.op('Add', [builder.op('Mul', [array, builder.scalar(factor)]), value]),
    times: (scalar) => createGradient(builder, builder.op('Mul', [value, scalar])),
    squaredNorm: null,
  };
}

/** a · b, of matrices [M, K] and [K, N]. */
export interface ProductOperands extends Pick<Gradient, 'squaredNorm'> {
  readonly a: Value;
  readonly b: Value;
}

/** A gradient that is a matrix product. */
export function createProductGradient(
  builder: OnnxBuilder,
  { a, b, squaredNorm }: ProductOperands,
): Gradient {
  return {
    value: () => builder.op('Gemm', [a, b]),
    addTo: (array, factor) => builder.op('Gemm', [a, b, array], { beta: { f: factor } }),
    times: (scalar) =>
      createProductGradient(builder, { a: builder.op('Mul', [a, scalar]), b, squaredNorm: null }),
    squaredNorm,
  };
}
