import type { OnnxBuilder, Value } from '@alexnet/export';
import { createProductGradient } from '../../gradient.ts';
import type { RowPart } from '../../row-parts.ts';
import { waitFor } from '../../wait-for.ts';
import {
  createSquaredNorms,
  cutIntoParts,
  type FactorsInParts,
  type ProductOfParts,
  rowsOf,
} from './gemm-parts.ts';

/** Up to here a large w is better turned round than packed for the gradient of x. */
const FEW_PICTURES = 128;

/** A product with parts whose rows lie one after another, as matrix products. */
export function multiplyRowParts(
  builder: OnnxBuilder,
  { x, parts, pictures }: FactorsInParts,
): ProductOfParts {
  // w · xᵀ, not x · wᵀ: a runtime packs the second operand anew in every step, and x is the smaller one.
  const rows = parts.map(({ name }) => builder.op('Gemm', [name, x], { transB: { i: 1 } }));
  const turned = builder.op('Concat', rows, { axis: { i: 0 } }); // [out, N]
  return {
    product: transpose(builder, turned),
    backward: (dy, { wantsX, wantsWeight }) => {
      // Turned round once: a product with transA turns its rows round anew for every 128 columns.
      const pieces = cutIntoParts(builder, transpose(builder, dy), { parts, axis: 0 });
      const isTurned = pictures <= FEW_PICTURES;
      const factors = () => (isTurned ? pieces : cutIntoParts(builder, dy, { parts, axis: 1 }));
      const squaredNormOf = createSquaredNorms(builder, { x, dy, parts, pictures });
      const sums = wantsX ? sumProducts(builder, factors(), { parts, isTurned }) : [];
      const gradients = parts.map((part, i) => {
        const readers = sums.slice(i, i + 1);
        const shape = [rowsOf(part), pictures];
        const waiting = waitFor(builder, pieces[i] ?? '', shape, readers);
        const operands = { a: waiting, b: x, squaredNorm: squaredNormOf(i) };
        return { part, gradient: createProductGradient(builder, operands) };
      });
      const sum = sums.at(-1) ?? null;
      return {
        dx: sum !== null && isTurned ? transpose(builder, sum) : sum,
        gradients: wantsWeight ? gradients : null,
      };
    },
  };
}

/**
 * dx part by part, each added to those before; turned, dxᵀ = wᵀ · dyᵀ: w is turned round for every 128 pictures then,
 * and not packed.
 */
function sumProducts(
  builder: OnnxBuilder,
  pieces: readonly Value[],
  { parts, isTurned }: { readonly parts: readonly RowPart[]; readonly isTurned: boolean },
): readonly Value[] {
  const sums: Value[] = [];
  for (const [i, { name }] of parts.entries()) {
    const piece = pieces[i] ?? '';
    const factors = isTurned ? [name, piece] : [piece, name];
    const attributes = isTurned ? { transA: { i: 1 } } : {};
    sums.push(builder.op('Gemm', [...factors, ...sums.slice(-1)], attributes));
  }
  return sums;
}

function transpose(builder: OnnxBuilder, matrix: Value): Value {
  return builder.op('Transpose', [matrix], { perm: { ints: [1, 0] } });
}
