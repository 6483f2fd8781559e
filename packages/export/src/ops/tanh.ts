import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** @see ONNX Tanh-13 */
export const tanh: OpTranslation<NodeOf<'Tanh'>> = {
  toOnnx({ op, name, inputs, output }, { builder }) {
    builder.op(op, inputs, {}, { name, output });
  },
  fromOnnx({ name, operands, output, attributes }) {
    // Of operator sets 1 to 5: a permission to overwrite.
    attributes.ignore('consumed_inputs');
    return { op: 'Tanh', name, inputs: operands('x'), output, attributes: {} };
  },
};
