import type { NodeOf } from '@alexnet/core';
import { makeChannelBand } from './channel-band.ts';
import type { OpTranslation, TranslationContext } from './op-translation.ts';
import { outerProduct, windowLengths } from './window-lengths.ts';

/** ONNX's default. */
const DEFAULT_ALPHA = 1e-4;

/**
 * ONNX divides its alpha by `size`, the IR's is per element; ONNX's `bias` is the paper's k.
 *
 * Groups are pictures of their own: Reshape [-1, C / groups, H, W] → LRN → Reshape [-1, C, H, W]. A window of
 * even size is written without LRN ({@link addEvenWindow}): onnxruntime refuses it, 1.30 still does, with
 * `size_ % 2 == 1 was false`. Where `lrn` is `conv`, all of them are convolutions ({@link addConvolution}).
 *
 * @see ONNX LRN-13
 */
export const lrn: OpTranslation<NodeOf<'LRN'>> = {
  toOnnx(node, context) {
    const { name, inputs, output, attributes } = node;
    const { alpha, beta, k, size, groups } = attributes;
    if (context.lrn === 'conv') {
      addConvolution(node, context);
      return;
    }
    if (size % 2 === 0) {
      addEvenWindow(node, context);
      return;
    }
    const onnxAttributes = {
      alpha: { f: alpha * size },
      beta: { f: beta },
      bias: { f: k },
      size: { i: size },
    };
    const { builder, shapeOf } = context;
    if (groups === 1) {
      builder.op('LRN', inputs, onnxAttributes, { name, output });
      return;
    }
    const [, C = 0, H = 0, W = 0] = shapeOf(inputs[0]);
    const inner = (label: string) => ({ name: `${name}/${label}` });
    const groupShape = builder.ints(-1, C / groups, H, W);
    const apart = builder.op('Reshape', [inputs[0], groupShape], {}, inner('groups')); // [N·groups, C / groups, H, W]
    const normalized = builder.op('LRN', [apart], onnxAttributes, inner('normalized'));
    builder.op('Reshape', [normalized, builder.ints(-1, C, H, W)], {}, { name, output });
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
        groups: 1,
      },
    };
  },
};

/**
 * x / (k + factors · mean(x²))^beta, where the mean is an AveragePool along the channels, over those of the window
 * inside the group, and a factor is alpha times their number:
 *
 *   x² → Reshape [0, groups, C / groups, H·W] → AveragePool [size, 1] → Mul → Add → Pow → Reshape [0, C, H, W] → Div
 */
function addEvenWindow(
  { name, inputs: [x], output, attributes }: NodeOf<'LRN'>,
  { builder, shapeOf }: TranslationContext,
): void {
  const { alpha, beta, k, size, groups } = attributes;
  const [, C = 0, H = 0, W = 0] = shapeOf(x);
  const inner = (label: string) => ({ name: `${name}/${label}` });
  const window = {
    kernel_shape: { ints: [size, 1] },
    pads: { ints: [size / 2 - 1, 0, size / 2, 0] },
    strides: { ints: [1, 1] },
  };
  const squares = builder.op('Mul', [x, x], {}, inner('squares'));
  const byGroup = builder.ints(0, groups, C / groups, H * W);
  const columns = builder.op('Reshape', [squares, byGroup], {}, inner('columns'));
  const mean = builder.op('AveragePool', [columns], window, inner('mean'));
  const row = { kernel: size, stride: 1, before: size / 2 - 1, pixels: C / groups };
  const factors = builder.initializer(`${name}/factors`, {
    dtype: 'float32',
    shape: [C / groups, 1],
    data: outerProduct(windowLengths({ ...row, windows: C / groups }), [alpha]),
  });
  const scaled = builder.op('Mul', [mean, factors], {}, inner('scaled'));
  const scale = builder.op('Add', [scaled, builder.scalar(k)], {}, inner('scale'));
  const power = builder.op('Pow', [scale, builder.scalar(beta)], {}, inner('power'));
  const divisor = builder.op('Reshape', [power, builder.ints(0, C, H, W)], {}, inner('divisor'));
  builder.op('Div', [x, divisor], {}, { name, output });
}

/**
 * x / (k + band · x²)^beta, of operators that every runtime has, WebGPU in browsers too, which lacks LRN:
 *
 *   x² → Conv 1×1 with alpha at the channels of the window and k as bias → Pow → Div
 */
function addConvolution(
  { name, inputs: [x], output, attributes }: NodeOf<'LRN'>,
  { builder, shapeOf }: TranslationContext,
): void {
  const { alpha, beta, k, size, groups } = attributes;
  const [, C = 0] = shapeOf(x);
  const inner = (label: string) => ({ name: `${name}/${label}` });
  const band = builder.initializer(`${name}/band`, {
    dtype: 'float32',
    shape: [C, C / groups, 1, 1],
    data: makeChannelBand(alpha, { channels: C, groups, size }),
  });
  const bias = builder.initializer(`${name}/bias`, {
    dtype: 'float32',
    shape: [C],
    data: new Float32Array(C).fill(k),
  });
  const window = { group: { i: groups }, kernel_shape: { ints: [1, 1] } };
  const squares = builder.op('Mul', [x, x], {}, inner('squares'));
  const scale = builder.op('Conv', [squares, band, bias], window, inner('scale'));
  const divisor = builder.op('Pow', [scale, builder.scalar(beta)], {}, inner('divisor'));
  builder.op('Div', [x, divisor], {}, { name, output });
}

/** 9.99e-4 / 9 is 1.1100000000000001e-4 in float64, but was 1.11e-4 · 9 before. */
export function dropNoise(quotient: number): number {
  const short = Number(quotient.toPrecision(12));
  return Math.abs(short - quotient) <= 2 * Number.EPSILON * Math.abs(quotient) ? short : quotient;
}
