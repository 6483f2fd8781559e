import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** @see ONNX Flatten-13, axis 1 */
export const flatten: OpTranslation<NodeOf<'Flatten'>> = {
  toOnnx({ op, name, inputs, output }, { builder }) {
    builder.op(op, inputs, { axis: { i: 1 } }, { name, output });
  },
  fromOnnx({ name, operands, output, attributes }) {
    attributes.expectInteger('axis', 1);
    return { op: 'Flatten', name, inputs: operands('x'), output, attributes: {} };
  },
};
