import type { OnnxBuilder, Value } from '@alexnet/export';
import type { RowPart } from '../row-parts.ts';

/** Operands of a fully connected layer whose weights come in parts. */
export interface OperandsInParts {
  readonly x: Value;
  readonly bias: Value;
  readonly parts: readonly RowPart[];
}

/** A value with as many places along an axis as the parts have rows, cut as they are. */
export function cutIntoParts(
  builder: OnnxBuilder,
  value: Value,
  { parts, axis }: { readonly parts: readonly RowPart[]; readonly axis: number },
): readonly Value[] {
  const sizes = builder.ints(...parts.map(rowsOf));
  return builder.ops('Split', [value, sizes], { axis: { i: axis } }, parts.length);
}

export function rowsOf({ shape: [rows = 0] }: RowPart): number {
  return rows;
}

/** The gradient of a bias. */
export function sumOverPictures(builder: OnnxBuilder, dy: Value): Value {
  return builder.op('ReduceSum', [dy, builder.ints(0)], { keepdims: { i: 0 } });
}
