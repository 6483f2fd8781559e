import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** ONNX's defaults. */
const DEFAULT_EPSILON = 1e-5;
const DEFAULT_MOMENTUM = 0.9;

/** Until here a node said whether it is for a test, since operator set 14 whether it is for training. */
const ALWAYS_INFERENCE = 7;

/** In inference: by the running statistics. @see ONNX BatchNormalization-1, 6, 7, 9, 14, 15 */
export const batchNormalization: OpTranslation<NodeOf<'BatchNormalization'>> = {
  toOnnx({ op, name, inputs, output, attributes }, { builder }) {
    const onnxAttributes = {
      epsilon: { f: attributes.epsilon },
      momentum: { f: attributes.momentum },
    };
    builder.op(op, inputs, onnxAttributes, { name, output });
  },
  fromOnnx(node) {
    const { name, operands, output, attributes } = node;
    attributes.ignore('consumed_inputs');
    const isTraining =
      node.opset < ALWAYS_INFERENCE
        ? !attributes.flag('is_test')
        : attributes.flag('training_mode');
    if (isTraining) {
      throw node.refuse(
        'normalises by each batch itself: the model was exported for training',
        'Export it for inference: model.eval() in PyTorch.',
      );
    }
    // 0 in operator sets 1 to 8: statistics of each pixel.
    attributes.expectInteger('spatial', 1);
    return {
      op: 'BatchNormalization',
      name,
      inputs: operands('x', 'scale', 'bias', 'mean', 'variance'),
      output,
      attributes: {
        epsilon: attributes.float('epsilon', DEFAULT_EPSILON),
        momentum: attributes.float('momentum', DEFAULT_MOMENTUM),
      },
    };
  },
};
