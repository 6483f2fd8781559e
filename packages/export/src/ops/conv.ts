import type { NodeOf } from '@alexnet/core';
import { addFourierConvolution, findFourierGeometry } from '../fourier/fourier-convolution.ts';
import type { OpTranslation } from './op-translation.ts';
import { readWindow } from './window.ts';

/** Without a bias in the file it has one of zeros. @see ONNX Conv-1, 11, 22 */
export const conv: OpTranslation<NodeOf<'Conv'>> = {
  toOnnx(node, { builder, shapeOf, convolutions }) {
    const { op, name, inputs, output, attributes } = node;
    const geometry = convolutions === 'fourier' ? findFourierGeometry(node, shapeOf) : undefined;
    if (geometry) {
      addFourierConvolution(builder, node, geometry);
      return;
    }
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
  fromOnnx(node) {
    const { name, operands, output, attributes } = node;
    const weight = node.weight(1, 'weight');
    const [out = 0, , ...kernel] = weight?.shape ?? [];
    const [x, weightName] = operands('x', 'weight');
    const bias = node.weight(2, 'bias') ?? { shape: [out], data: new Float32Array(out) };
    return {
      op: 'Conv',
      name,
      inputs: [
        x,
        weightName,
        node.has(2) ? operands('x', 'weight', 'bias')[2] : node.define('bias', bias),
      ],
      output,
      attributes: {
        ...readWindow(node, { kernel, ceilMode: false }),
        group: attributes.integer('group', 1),
      },
    };
  },
};
