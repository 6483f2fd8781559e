import type { OnnxBuilder, Value } from '@alexnet/export';
import { createWindowMatrix, type WindowMatrix } from './convolution/window-matrix.ts';

/** A sum S over each value's neighbours; linear, the same neighbours for every picture. */
export interface NeighbourSum {
  /** factor · S(value), of the shape of `value` */
  sum(value: Value, factor: number): Value;
  /** factor · Sᵀ(value): what each value gets back from those that it is a neighbour of. */
  transposedSum(value: Value, factor: number): Value;
}

export interface NormalizationConstants {
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** A normalised value, and how to add the operators of its gradient. */
export interface Normalized {
  readonly output: Value;
  backward(dy: Value): Value;
}

/**
 * Division by the activity of the neighbours, what both local response normalisations are:
 *
 *   s = k + α · S(x²),   y = x / s^β,   dx = dy / s^β − 2αβ · x · Sᵀ(dy · y / s)
 */
export function normalizeByNeighbours(
  builder: OnnxBuilder,
  x: Value,
  { alpha, beta, k, neighbours }: NormalizationConstants & { readonly neighbours: NeighbourSum },
): Normalized {
  const activity = neighbours.sum(builder.op('Mul', [x, x]), alpha);
  const scale = builder.op('Add', [activity, builder.scalar(k)]);
  const divisor = raise(builder, scale, beta);
  const y = builder.op('Div', [x, divisor]);
  return {
    output: y,
    backward: (dy) => {
      const shares = builder.op('Div', [builder.op('Mul', [dy, y]), scale]);
      const returned = neighbours.transposedSum(shares, 2 * alpha * beta);
      const direct = builder.op('Div', [dy, divisor]);
      return builder.op('Sub', [direct, builder.op('Mul', [x, returned])]);
    },
  };
}

/**
 * `factor` in row i, column j where j lies in the window of i. An even window reaches one further up than
 * down.
 */
export function neighbourMatrix(length: number, size: number, factor: number): WindowMatrix {
  const below = Math.floor((size - 1) / 2);
  return createWindowMatrix(length, length, (index) => {
    const begin = index - below;
    return { begin, end: begin + size, factor };
  });
}

/** s^β. Square roots cost a fraction of a general power, and AlexNet's β is 3/4. */
function raise(builder: OnnxBuilder, s: Value, beta: number): Value {
  if (beta === 1) return s;
  if (beta === 0.5) return builder.op('Sqrt', [s]);
  if (beta === 0.75) {
    const root = builder.op('Sqrt', [s]);
    return builder.op('Mul', [root, builder.op('Sqrt', [root])]);
  }
  return builder.op('Pow', [s, builder.scalar(beta)]);
}
