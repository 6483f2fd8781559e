import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';
import { readPoolAttributes, toPoolAttributes } from './pool.ts';

/** @see ONNX MaxPool-12, without its second output */
export const maxPool: OpTranslation<NodeOf<'MaxPool'>> = {
  toOnnx(node, context) {
    const { op, name, inputs, output } = node;
    context.builder.op(op, inputs, toPoolAttributes(node, context), { name, output });
  },
  fromOnnx(node) {
    // The order of the second output, which no layer here makes.
    node.attributes.ignore('storage_order');
    const { name, operands, output } = node;
    return {
      op: 'MaxPool',
      name,
      inputs: operands('x'),
      output,
      attributes: readPoolAttributes(node),
    };
  },
};
