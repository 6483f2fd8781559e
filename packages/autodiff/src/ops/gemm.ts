import type { NodeOf } from '@alexnet/core';
import type { OpLowering } from './op-lowering.ts';

/**
 * y = x · wᵀ + b; dx = dy · w, dw = dyᵀ · x, db = Σₙ dy.
 *
 * Shape: x [N, in], w [out, in], b [out], y [N, out]
 */
export const gemm: OpLowering<NodeOf<'Gemm'>> = {
  lower({ builder }, _node, [x, weight, bias]) {
    return {
      output: builder.op('Gemm', [x, weight, bias], { transB: { i: 1 } }),
      backward: (dy, [wantsX, wantsWeight, wantsBias]) => [
        wantsX ? builder.op('Gemm', [dy, weight]) : null,
        wantsWeight ? builder.op('Gemm', [dy, x], { transA: { i: 1 } }) : null,
        wantsBias ? builder.op('ReduceSum', [dy, builder.ints(0)], { keepdims: { i: 0 } }) : null,
      ],
    };
  },
};
