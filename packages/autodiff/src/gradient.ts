import type { Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';

/** A gradient on its way into an update. */
export interface Gradient {
  value(): Value;
  /** Makes the new value of an array; a matrix product is added on the way. */
  addTo(sum: GradientSum): Value;
  /** scalar · gradient; the smaller operand of a matrix product takes it. */
  times(scalar: Value): Gradient;
  /** The sum of its squares; `null` where it is not had sooner than the gradient itself. */
  readonly squaredNorm: (() => Value) | null;
}

/** factor · array + gradient + rate · weight */
export interface GradientSum {
  readonly array: Value;
  readonly factor: number;
  /** `null` where weights do not decay. */
  readonly decay: Decay | null;
  /** Name that the sum must have. */
  readonly output: string;
  /** `null` where the array's memory may not be written over. */
  readonly addStage: AddStage | null;
}

export interface Decay {
  readonly weight: Value;
  readonly rate: Value;
}

/** Has a value lie in the memory of an array on the way to its new value, after those that it was called with before. */
export type AddStage = (value: Value, shape: Shape) => void;

/** A gradient that is there. */
export function createGradient(builder: OnnxBuilder, value: Value): Gradient {
  return {
    value: () => value,
    addTo: ({ array, factor, decay, output }) => {
      const terms = [builder.op('Mul', [array, builder.scalar(factor)]), value];
      if (!decay) return builder.op('Add', terms, {}, { output });
      return addDecay(builder, builder.op('Add', terms), { ...decay, output });
    },
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
  const value = () => builder.op('Gemm', [a, b]);
  return {
    value,
    addTo: (sum) => {
      const { array, factor, decay, output } = sum;
      // A product is not what comes last: it does not write the array element by element.
      if (!decay) return createGradient(builder, value()).addTo(sum);
      const moved = builder.op('Gemm', [a, b, array], { beta: { f: factor } });
      return addDecay(builder, moved, { ...decay, output });
    },
    times: (scalar) =>
      createProductGradient(builder, { a: builder.op('Mul', [a, scalar]), b, squaredNorm: null }),
    squaredNorm,
  };
}

/** The last term of a sum. */
export function addDecay(
  builder: OnnxBuilder,
  moved: Value,
  { weight, rate, output }: Decay & Pick<GradientSum, 'output'>,
): Value {
  return builder.op('Add', [moved, builder.op('Mul', [weight, rate])], {}, { output });
}
