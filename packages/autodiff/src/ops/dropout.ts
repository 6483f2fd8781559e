import type { NodeOf } from '@alexnet/core';
import type { OpLowering } from './op-lowering.ts';

/**
 * Training: y = x · mask, dx = dy · mask, with the mask (0 or 1 / (1 − ratio)) as an input of the model:
 * the same masks then come whatever engine runs the step, and a resumed run draws the same ones.
 * Inference, or a ratio of 0: y = x.
 */
export const dropout: OpLowering<NodeOf<'Dropout'>> = {
  lower({ builder, shapeOf, addMask }, node, [x]) {
    if (!addMask || node.attributes.ratio === 0) {
      return { output: x, backward: (dy, [isWanted]) => [isWanted ? dy : null] };
    }
    const mask = addMask(node, shapeOf(node.inputs[0]));
    return {
      output: builder.op('Mul', [x, mask]),
      backward: (dy, [isWanted]) => [isWanted ? builder.op('Mul', [dy, mask]) : null],
    };
  },
};
