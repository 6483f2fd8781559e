import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/** ONNX's default. */
const DEFAULT_ALPHA = 1e-4;

/**
 * ONNX divides its alpha by `size`, the IR's is per element; ONNX's `bias` is the paper's k.
 *
 * @see ONNX LRN-13
 */
export const lrn: OpTranslation<NodeOf<'LRN'>> = {
  toOnnx({ op, name, inputs, output, attributes }, builder) {
    const { alpha, beta, k, size } = attributes;
    const onnxAttributes = {
      alpha: { f: alpha * size },
      beta: { f: beta },
      bias: { f: k },
      size: { i: size },
    };
    builder.op(op, inputs, onnxAttributes, { name, output });
  },
  fromOnnx({ name, operands, output, attributes }) {
    const size = attributes.integer('size');
    return {
      op: 'LRN',
      name,
      inputs: operands('x'),
      output,
      attributes: {
        size,
        alpha: dropNoise(attributes.float('alpha', DEFAULT_ALPHA) / size),
        beta: attributes.float('beta', 0.75),
        k: attributes.float('bias', 1),
      },
    };
  },
};

/** 9.99e-4 / 9 is 1.1100000000000001e-4 in float64, but was 1.11e-4 · 9 before. */
function dropNoise(quotient: number): number {
  const short = Number(quotient.toPrecision(12));
  return Math.abs(short - quotient) <= 2 * Number.EPSILON * Math.abs(quotient) ? short : quotient;
}
