import type { OnnxBuilder, Value } from '@alexnet/export';
import type { Gradient } from '../gradient.ts';
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

/** What the gradient of a layer's weights is made of. */
interface GradientFactors {
  readonly x: Value;
  readonly dy: Value;
  readonly parts: readonly RowPart[];
  /** N */
  readonly pictures: number;
}

/**
 * Pictures up to which their inner products are taken to be sooner had than the gradient is made, read and written for
 * clipping: of AlexNet's head 7 ms against 50 at 32 pictures, 136 against 60 at 512.
 */
const FEW_PRODUCTS = 256;

/**
 * ‖dw‖² of each part of w, without dw = dyᵀ · x: Σ (dy·dyᵀ) ∘ (x·xᵀ), from matrices of [N, N] where dw is [rows, in].
 * The products are made where a part is first asked for; `null` where a batch is so large that they take longer than dw.
 *
 * Shape: x [N, in], dy [N, out]
 *
 * @see Goodfellow 2015, "Efficient per-example gradient computations", §4, where it is that of one picture
 */
export function createSquaredNorms(
  builder: OnnxBuilder,
  { x, dy, parts, pictures }: GradientFactors,
): (index: number) => Gradient['squaredNorm'] {
  if (pictures > FEW_PRODUCTS) return () => null;
  const products = (rows: Value) => builder.op('Gemm', [rows, rows], { transB: { i: 1 } });
  let ofInputs: Value | undefined;
  let pieces: readonly Value[] | undefined;
  return (index) => () => {
    ofInputs ??= products(x);
    pieces ??= cutIntoParts(builder, dy, { parts, axis: 1 });
    const both = builder.op('Mul', [products(pieces[index] ?? ''), ofInputs]);
    const sum = builder.op('ReduceSum', [both], { keepdims: { i: 0 } });
    // Rounding may leave less than nothing of terms that cancel.
    return builder.op('Max', [sum, builder.scalar(0)]);
  };
}
