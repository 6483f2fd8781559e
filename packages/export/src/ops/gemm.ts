import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** The weight is [out, in], as in the IR: ONNX transposes it. @see ONNX Gemm-13 */
export const gemm: OpTranslation<NodeOf<'Gemm'>> = {
  toOnnx({ op, name, inputs, output }, builder) {
    builder.op(op, inputs, { transB: { i: 1 } }, { name, output });
  },
  fromOnnx({ name, operands, output, attributes }) {
    attributes.expectFloat('alpha', 1);
    attributes.expectFloat('beta', 1);
    attributes.expectInteger('transA', 0);
    attributes.expectInteger('transB', 1, 0);
    return {
      op: 'Gemm',
      name,
      inputs: operands('x', 'weight', 'bias'),
      output,
      attributes: {},
    };
  },
};
