import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** ONNX's default. */
const DEFAULT_RATIO = 0.5;

/** Does nothing in inference, but keeps the ratio in the file. @see ONNX Dropout-13 */
export const dropout: OpTranslation<NodeOf<'Dropout'>> = {
  toOnnx({ op, name, inputs, output, attributes }, builder) {
    builder.op(op, [...inputs, builder.scalar(attributes.ratio)], {}, { name, output });
  },
  fromOnnx({ name, operands, constant, output, attributes }) {
    // Of training alone; nothing here is random.
    attributes.ignore('seed');
    const ratio = constant(1, 'ratio') ?? DEFAULT_RATIO;
    return { op: 'Dropout', name, inputs: operands('x'), output, attributes: { ratio } };
  },
};
