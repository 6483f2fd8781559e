import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** @see ONNX MaxPool-12, rounding down, without its second output */
export const maxPool: OpTranslation<NodeOf<'MaxPool'>> = {
  toOnnx({ op, name, inputs, output, attributes }, builder) {
    const { kernelShape, pads, strides } = attributes;
    const onnxAttributes = {
      kernel_shape: { ints: kernelShape },
      pads: { ints: pads },
      strides: { ints: strides },
    };
    builder.op(op, inputs, onnxAttributes, { name, output });
  },
  fromOnnx({ name, operands, output, attributes }) {
    attributes.expectString('auto_pad', 'NOTSET');
    attributes.expectInteger('ceil_mode', 0);
    attributes.expectInteger('storage_order', 0);
    attributes.expectIntegers('dilations', [1, 1]);
    return {
      op: 'MaxPool',
      name,
      inputs: operands('x'),
      output,
      attributes: {
        kernelShape: attributes.pair('kernel_shape'),
        strides: attributes.pair('strides', [1, 1]),
        pads: attributes.quad('pads', [0, 0, 0, 0]),
      },
    };
  },
};
