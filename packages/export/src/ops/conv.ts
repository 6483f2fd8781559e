import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** @see ONNX Conv-11; of its padding modes, explicit pads alone */
export const conv: OpTranslation<NodeOf<'Conv'>> = {
  toOnnx({ op, name, inputs, output, attributes }, builder) {
    const { group, kernelShape, pads, strides } = attributes;
    const onnxAttributes = {
      dilations: { ints: [1, 1] },
      group: { i: group },
      kernel_shape: { ints: kernelShape },
      pads: { ints: pads },
      strides: { ints: strides },
    };
    builder.op(op, inputs, onnxAttributes, { name, output });
  },
  fromOnnx({ name, operands, output, attributes }) {
    attributes.expectString('auto_pad', 'NOTSET');
    attributes.expectIntegers('dilations', [1, 1]);
    return {
      op: 'Conv',
      name,
      inputs: operands('x', 'weight', 'bias'),
      output,
      attributes: {
        kernelShape: attributes.pair('kernel_shape'),
        strides: attributes.pair('strides', [1, 1]),
        pads: attributes.quad('pads', [0, 0, 0, 0]),
        group: attributes.integer('group', 1),
      },
    };
  },
};
