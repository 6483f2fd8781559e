import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** @see ONNX Softmax-13; the IR's has two axes, so that ONNX's default -1 is axis 1 as well */
export const softmax: OpTranslation<NodeOf<'Softmax'>> = {
  toOnnx({ op, name, inputs, output }, builder) {
    builder.op(op, inputs, { axis: { i: 1 } }, { name, output });
  },
  fromOnnx({ name, operands, output, attributes }) {
    if (attributes.integer('axis', 1) !== -1) attributes.expectInteger('axis', 1);
    return { op: 'Softmax', name, inputs: operands('x'), output, attributes: {} };
  },
};
