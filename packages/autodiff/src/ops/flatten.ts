import type { NodeOf } from '@alexnet/core';
import type { OpLowering } from './op-lowering.ts';

/** y = x as [N, C·H·W]; dx = dy in the shape of x. */
export const flatten: OpLowering<NodeOf<'Flatten'>> = {
  lower({ builder, shapeOf }, node, [x]) {
    return {
      output: builder.op('Flatten', [x], { axis: { i: 1 } }),
      backward: (dy, [isWanted]) => [
        isWanted ? builder.op('Reshape', [dy, builder.ints(...shapeOf(node.inputs[0]))]) : null,
      ],
    };
  },
};
