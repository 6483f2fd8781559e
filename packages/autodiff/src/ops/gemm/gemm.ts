import { invariant, type NodeOf } from '@alexnet/core';
import type { OnnxBuilder } from '@alexnet/export';
import type { OpLowering } from '../op-lowering.ts';
import { multiplyBlockedParts } from './blocked-gemm.ts';
import {
  cut,
  type FactorsInParts,
  type ProductOfParts,
  rowsOf,
  sumOverPictures,
} from './gemm-parts.ts';
import { multiplyRowParts } from './row-gemm.ts';

/**
 * y = x · wᵀ + b; dx = dy · w, dw = dyᵀ · x, db = Σₙ dy.
 *
 * A large w comes in parts of some rows: y is made part by part then, dx added up.
 *
 * Shape: x [N, in], w [out, in], b [out], y [N, out]
 */
export const gemm: OpLowering<NodeOf<'Gemm'>> = {
  lower({ builder, shapeOf, rowPartsOf }, node, [x, weight, bias]) {
    const parts = rowPartsOf(node.inputs[1]);
    if (!parts) {
      return {
        output: builder.op('Gemm', [x, weight, bias], { transB: { i: 1 } }),
        backward: (dy, [wantsX, wantsWeight, wantsBias]) => [
          wantsX ? builder.op('Gemm', [dy, weight]) : null,
          wantsWeight ? builder.op('Gemm', [dy, x], { transA: { i: 1 } }) : null,
          wantsBias ? sumOverPictures(builder, dy) : null,
        ],
      };
    }
    const [pictures] = shapeOf(node.output);
    invariant(pictures !== undefined, `${node.name} has no batch`);
    const { product, backward } = multiplyParts(builder, { x, parts, pictures });
    return {
      output: builder.op('Add', [product, bias]),
      backward: (dy, [wantsX, wantsWeight, wantsBias]) => {
        const { dx, gradients } = backward(dy, { wantsX, wantsWeight });
        return [dx, gradients, wantsBias ? sumOverPictures(builder, dy) : null];
      },
    };
  },
};

/** Rows in blocks, and those at the end that fill none, side by side. */
function multiplyParts(
  builder: OnnxBuilder,
  { x, parts, pictures }: FactorsInParts,
): ProductOfParts {
  const blocked = parts.filter(({ rowBlock }) => rowBlock !== undefined);
  const others = parts.filter(({ rowBlock }) => rowBlock === undefined);
  if (blocked.length === 0) return multiplyRowParts(builder, { x, parts, pictures });
  const first = multiplyBlockedParts(builder, { x, parts: blocked, pictures });
  if (others.length === 0) return first;
  const second = multiplyRowParts(builder, { x, parts: others, pictures });
  return {
    product: builder.op('Concat', [first.product, second.product], { axis: { i: 1 } }),
    backward: (dy, wants) => {
      const sizes = [blocked, others].map((group) =>
        group.reduce((sum, part) => sum + rowsOf(part), 0),
      );
      const [dyOfBlocked = '', dyOfOthers = ''] = cut(builder, dy, { sizes, axis: 1 });
      const ofBlocked = first.backward(dyOfBlocked, wants);
      const ofOthers = second.backward(dyOfOthers, wants);
      return {
        dx:
          ofBlocked.dx === null || ofOthers.dx === null
            ? null
            : builder.op('Add', [ofBlocked.dx, ofOthers.dx]),
        gradients:
          ofBlocked.gradients === null || ofOthers.gradients === null
            ? null
            : [...ofBlocked.gradients, ...ofOthers.gradients],
      };
    },
  };
}
