import { invariant, type NodeOf } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { createProductGradient } from '../gradient.ts';
import type { RowPart } from '../row-parts.ts';
import { waitFor } from '../wait-for.ts';
import { lowerBlockedParts } from './blocked-gemm.ts';
import {
  createSquaredNorms,
  cutIntoParts,
  type OperandsInParts,
  rowsOf,
  sumOverPictures,
} from './gemm-parts.ts';
import type { Lowered, LoweringContext, OpLowering } from './op-lowering.ts';

type Gemm = NodeOf<'Gemm'>;

/** Up to here a large w is better turned round than packed for the gradient of x. */
const FEW_PICTURES = 128;

/**
 * y = x · wᵀ + b; dx = dy · w, dw = dyᵀ · x, db = Σₙ dy.
 *
 * A large w comes in parts of some rows: y is made part by part then, dx added up. Where its rows lie in blocks, the
 * products are pointwise convolutions.
 *
 * Shape: x [N, in], w [out, in], b [out], y [N, out]
 */
export const gemm: OpLowering<Gemm> = {
  lower(context, node, [x, weight, bias]) {
    const { builder } = context;
    const parts = context.rowPartsOf(node.inputs[1]);
    if (parts?.some(({ rowBlock }) => rowBlock !== undefined)) {
      return lowerBlockedParts(context, node, { x, bias, parts });
    }
    if (parts) return lowerParts(context, node, { x, bias, parts });
    return {
      output: builder.op('Gemm', [x, weight, bias], { transB: { i: 1 } }),
      backward: (dy, [wantsX, wantsWeight, wantsBias]) => [
        wantsX ? builder.op('Gemm', [dy, weight]) : null,
        wantsWeight ? builder.op('Gemm', [dy, x], { transA: { i: 1 } }) : null,
        wantsBias ? sumOverPictures(builder, dy) : null,
      ],
    };
  },
};

function lowerParts(
  { builder, shapeOf }: LoweringContext,
  node: Gemm,
  { x, bias, parts }: OperandsInParts,
): Lowered<Gemm['inputs']> {
  const [batch] = shapeOf(node.output);
  invariant(batch !== undefined, `${node.name} has no batch`);
  // w · xᵀ, not x · wᵀ: a runtime packs the second operand anew in every step, and x is the smaller one.
  const rows = parts.map(({ name }) => builder.op('Gemm', [name, x], { transB: { i: 1 } }));
  const turned = builder.op('Concat', rows, { axis: { i: 0 } }); // [out, N]
  const product = transpose(builder, turned);
  return {
    output: builder.op('Add', [product, bias]),
    backward: (dy, [wantsX, wantsWeight, wantsBias]) => {
      // Turned round once: a product with transA turns its rows round anew for every 128 columns.
      const pieces = cutIntoParts(builder, transpose(builder, dy), { parts, axis: 0 });
      const isTurned = batch <= FEW_PICTURES;
      const factors = () => (isTurned ? pieces : cutIntoParts(builder, dy, { parts, axis: 1 }));
      const squaredNormOf = createSquaredNorms(builder, { x, dy, parts, pictures: batch });
      const sums = wantsX ? sumProducts(builder, factors(), { parts, isTurned }) : [];
      const gradients = parts.map((part, i) => {
        const readers = sums.slice(i, i + 1);
        const shape = [rowsOf(part), batch];
        const waiting = waitFor(builder, pieces[i] ?? '', shape, readers);
        const operands = { a: waiting, b: x, squaredNorm: squaredNormOf(i) };
        return { part, gradient: createProductGradient(builder, operands) };
      });
      const sum = sums.at(-1) ?? null;
      return [
        sum !== null && isTurned ? transpose(builder, sum) : sum,
        wantsWeight ? gradients : null,
        wantsBias ? sumOverPictures(builder, dy) : null,
      ];
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
