import type { NodeOf } from '@alexnet/core';
import type { OpLowering } from './op-lowering.ts';

/** y = tanh(x); dx = dy · (1 − y²). */
export const tanh: OpLowering<NodeOf<'Tanh'>> = {
  lower({ builder }, _node, [x]) {
    const y = builder.op('Tanh', [x]);
    return {
      output: y,
      backward: (dy, [isWanted]) => {
        if (!isWanted) return [null];
        const slope = builder.op('Sub', [builder.scalar(1), builder.op('Mul', [y, y])]);
        return [builder.op('Mul', [dy, slope])];
      },
    };
  },
};
