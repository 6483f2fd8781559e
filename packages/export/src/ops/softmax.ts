import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** @see ONNX Softmax-13; the IR's has two axes, so that ONNX's default -1 is axis 1 as well */
export const softmax: OpTranslation<NodeOf<'Softmax'>> = {
  toOnnx({ op, name, inputs, output }, { builder }) {
    builder.op(op, inputs, { axis: { i: 1 } }, { name, output });
  },
  fromOnnx(node) {
    const { name, operands, output, attributes } = node;
    const axis = attributes.integer('axis', 1);
    if (axis !== 1 && axis !== -1)
      throw node.refuse(`has axis = ${axis}, but the classes are axis 1`);
    return { op: 'Softmax', name, inputs: operands('x'), output, attributes: {} };
  },
};
