import { invariant, type NodeOf, sizeOf } from '@alexnet/core';
import type { OpLowering } from './op-lowering.ts';

/**
 * y = maximum over a window; dx adds each dy to the place that its maximum came from (the first one of
 * equals, as onnxruntime finds them). Overlapping windows may share a place.
 *
 * ONNX's `Indices` count through the whole tensor x, so that one flat scatter does all pictures and channels.
 */
export const maxPool: OpLowering<NodeOf<'MaxPool'>> = {
  lower({ builder, shapeOf, isDifferentiated }, node, [x]) {
    const { kernelShape, strides, pads } = node.attributes;
    const attributes = {
      kernel_shape: { ints: kernelShape },
      strides: { ints: strides },
      pads: { ints: pads },
    };
    if (!isDifferentiated) {
      return { output: builder.op('MaxPool', [x], attributes), backward: () => [null] };
    }
    const [y, indices] = builder.ops('MaxPool', [x], attributes, 2);
    invariant(y !== undefined && indices !== undefined, 'two outputs were asked for');
    return {
      output: y,
      backward: (dy, [isWanted]) => {
        if (!isWanted) return [null];
        const shape = shapeOf(node.inputs[0]);
        const flat = builder.ints(-1);
        const zeros = builder.op('ConstantOfShape', [builder.ints(sizeOf(shape))]);
        const dx = builder.op(
          'ScatterElements',
          [zeros, builder.op('Reshape', [indices, flat]), builder.op('Reshape', [dy, flat])],
          { axis: { i: 0 }, reduction: { s: 'add' } },
        );
        return [builder.op('Reshape', [dx, builder.ints(...shape)])];
      },
    };
  },
};
