import type { OnnxBuilder, Value } from '@alexnet/export';

/** A gradient on its way into an update. */
export interface Gradient {
  value(): Value;
  /** factor · array + gradient; a matrix product does it on the way. */
  addTo(array: Value, factor: number): Value;
  /** The sum of its squares, `null` where it is not had sooner than the gradient itself. */
  squaredNorm(): Value | null;
  /** scalar · gradient; the smaller operand of a matrix product takes it. */
  times(scalar: Value): Gradient;
}

/** A gradient that is there. */
export function createGradient(builder: OnnxBuilder, value: Value): Gradient {
  return {
    value: () => value,
    addTo: (array, factor) =>
      builder.op('Add', [builder.op('Mul', [array, builder.scalar(factor)]), value]),
    squaredNorm: () => sumOfSquares(builder, value),
    times: (scalar) => createGradient(builder, builder.op('Mul', [value, scalar])),
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
    squaredNorm,
    times: (scalar) =>
      createProductGradient(builder, {
        a: builder.op('Mul', [a, scalar]),
        b,
        squaredNorm: () => timesSquare(builder, squaredNorm(), scalar),
      }),
  };
}

export function sumOfSquares(builder: OnnxBuilder, value: Value): Value {
  return builder.op('ReduceSumSquare', [value], { keepdims: { i: 0 } });
}

/** The squared norm of a gradient that is multiplied by a scalar. */
export function timesSquare(
  builder: OnnxBuilder,
  squaredNorm: Value | null,
  scalar: Value,
): Value | null {
  if (squaredNorm === null) return null;
  return builder.op('Mul', [squaredNorm, builder.op('Mul', [scalar, scalar])]);
}
