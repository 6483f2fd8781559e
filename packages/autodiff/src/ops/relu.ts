import type { NodeOf } from '@alexnet/core';
import type { OpLowering } from './op-lowering.ts';

/**
 * y = max(x, 0); dx = dy · (y > 0).
 *
 * y is never negative, so that its sign is the mask: one operator, where a comparison needs a cast too.
 */
export const relu: OpLowering<NodeOf<'Relu'>> = {
  lower({ builder }, _node, [x]) {
    const y = builder.op('Relu', [x]);
    return {
      output: y,
      backward: (dy, [isWanted]) => [
        isWanted ? builder.op('Mul', [dy, builder.op('Sign', [y])]) : null,
      ],
    };
  },
};
