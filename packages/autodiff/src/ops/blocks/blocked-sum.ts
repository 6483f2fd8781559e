import { invariant, type Shape, sizeOf } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { blockedOp } from './blocked-convolution.ts';

/** sum + factor · array, of one shape or several with as many numbers. */
export interface SumOperands {
  readonly sum: Value;
  readonly array: Value;
  /** float32 [1] */
  readonly factor: Value;
}

/** What {@link addTimes} takes an array for: one image of B channels, of as many rows, which threads share. */
export function wholeImage(shape: Shape, block: number): readonly [1, number, number, number] {
  const columns = sizeOf(shape) / block ** 2;
  invariant(Number.isInteger(columns), `[${shape.join(', ')}] has no whole blocks`);
  return [1, block, block, columns];
}

/**
 * Adds an array to another by a convolution of 1×1 of each channel by itself, whose weights are all the factor: one
 * pass over memory, where Mul and Add take two, and onnxruntime writes the sum where `sum` lies if that is where the
 * result is to be. Which number is in which channel is all the same.
 *
 * @param shape - of whole blocks both ways
 * @returns the sum as {@link wholeImage} the shape
 */
export function addTimes(
  builder: OnnxBuilder,
  { sum, array, factor }: SumOperands,
  { shape, block }: { readonly shape: Shape; readonly block: number },
): Value {
  const image = builder.ints(...wholeImage(shape, block));
  const ones = builder.constant(new Float32Array(block).fill(1), [block, 1, 1, 1]);
  const operands = [
    builder.op('Reshape', [array, image]),
    builder.op('Mul', [ones, factor]),
    '',
    builder.op('Reshape', [sum, image]),
  ];
  return blockedOp(builder, 'Conv', operands, {
    kernel_shape: { ints: [1, 1] },
    group: { i: block },
  });
}
