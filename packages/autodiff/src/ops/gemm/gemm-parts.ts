import type { OnnxBuilder, Value } from '@alexnet/export';
import type { Gradient } from '../../gradient.ts';
import type { RowPart } from '../../row-parts.ts';
import type { PartGradient } from '../op-lowering.ts';

/** x [N, in] and weights that come in parts of some rows, [rows, in]. */
export interface FactorsInParts {
  readonly x: Value;
  readonly parts: readonly RowPart[];
  /** N */
  readonly pictures: number;
}

/** x · wᵀ, of the parts of w together. */
export interface ProductOfParts {
  /** [N, rows] */
  readonly product: Value;
  /** @param dy - the gradient of the product */
  backward(
    dy: Value,
    wants: { readonly wantsX: boolean; readonly wantsWeight: boolean },
  ): { readonly dx: Value | null; readonly gradients: readonly PartGradient[] | null };
}

/** A value with as many places along an axis as the parts have rows, cut as they are. */
export function cutIntoParts(
  builder: OnnxBuilder,
  value: Value,
  { parts, axis }: { readonly parts: readonly RowPart[]; readonly axis: number },
): readonly Value[] {
  return cut(builder, value, { sizes: parts.map(rowsOf), axis });
}

export function cut(
  builder: OnnxBuilder,
  value: Value,
  { sizes, axis }: { readonly sizes: readonly number[]; readonly axis: number },
): readonly Value[] {
  const operands = [value, builder.ints(...sizes)];
  return builder.ops('Split', operands, { axis: { i: axis } }, sizes.length);
}

export function rowsOf({ shape: [rows = 0] }: RowPart): number {
  return rows;
}

/** The gradient of a bias. */
export function sumOverPictures(builder: OnnxBuilder, dy: Value): Value {
  return builder.op('ReduceSum', [dy, builder.ints(0)], { keepdims: { i: 0 } });
}

/** What the gradient of a layer's weights is made of. */
interface GradientFactors extends FactorsInParts {
  readonly dy: Value;
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
