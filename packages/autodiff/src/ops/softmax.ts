import type { NodeOf } from '@alexnet/core';
import type { OpLowering } from './op-lowering.ts';

/**
 * y = softmax(x) over the classes; dx = y · (dy − Σⱼ dyⱼ · yⱼ).
 *
 * Only for a softmax inside a network: the loss is taken from the logits, see `loss.ts`.
 */
export const softmax: OpLowering<NodeOf<'Softmax'>> = {
  lower({ builder }, _node, [x]) {
    const y = builder.op('Softmax', [x], { axis: { i: 1 } });
    return {
      output: y,
      backward: (dy, [isWanted]) => {
        if (!isWanted) return [null];
        const weighted = builder.op('Mul', [dy, y]);
        const total = builder.op('ReduceSum', [weighted, builder.ints(1)], { keepdims: { i: 1 } });
        return [builder.op('Mul', [y, builder.op('Sub', [dy, total])])];
      },
    };
  },
};
