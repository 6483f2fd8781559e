import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** ONNX's default. */
const DEFAULT_RATIO = 0.5;

/**
 * Does nothing in inference, but keeps the ratio in the file: an attribute until operator set 11, an operand since.
 *
 * @see ONNX Dropout-1, 6, 7, 12, 13
 */
export const dropout: OpTranslation<NodeOf<'Dropout'>> = {
  toOnnx({ op, name, inputs, output, attributes }, { builder }) {
    builder.op(op, [...inputs, builder.scalar(attributes.ratio)], {}, { name, output });
  },
  fromOnnx(node) {
    const { name, operands, constant, output, attributes } = node;
    // Of training alone; nothing here is random, and each run says itself what it is.
    for (const ignored of ['seed', 'is_test', 'consumed_inputs']) attributes.ignore(ignored);
    node.ignoreOperand(2);
    const ratio = constant(1, 'ratio') ?? attributes.float('ratio', DEFAULT_RATIO);
    if (!(ratio >= 0 && ratio < 1))
      throw node.refuse(`drops a share of ${ratio}, not one from 0 to below 1`);
    return { op: 'Dropout', name, inputs: operands('x'), output, attributes: { ratio } };
  },
};
