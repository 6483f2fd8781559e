import type { NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';
import { outerProduct, windowLengths } from './window-lengths.ts';

/**
 * ONNX has no such operator: x / (k + factors · mean(x²))^beta, where the mean is an AveragePool over the pixels
 * of the window inside the map, and a factor is alpha times their number. (Pools that count their padding are
 * not alike in all releases of onnxruntime: {@link averagePool}.)
 */
export const spatialLrn: OpTranslation<NodeOf<'SpatialLRN'>> = {
  toOnnx({ name, inputs: [x], output, attributes }, { builder, shapeOf }) {
    const { size, alpha, beta, k } = attributes;
    const [, , H = 0, W = 0] = shapeOf(x);
    const inner = (label: string) => ({ name: `${name}/${label}` });
    const before = Math.floor((size - 1) / 2);
    const after = Math.ceil((size - 1) / 2);
    const window = {
      kernel_shape: { ints: [size, size] },
      pads: { ints: [before, before, after, after] },
      strides: { ints: [1, 1] },
    };
    const pixelsOf = (pixels: number) =>
      windowLengths({ kernel: size, stride: 1, before, pixels, windows: pixels });
    const factors = builder.initializer(`${name}/factors`, {
      dtype: 'float32',
      shape: [H, W],
      data: outerProduct(
        pixelsOf(H).map((count) => alpha * count),
        pixelsOf(W),
      ),
    });
    const squares = builder.op('Mul', [x, x], {}, inner('squares'));
    const mean = builder.op('AveragePool', [squares], window, inner('mean'));
    const scaled = builder.op('Mul', [mean, factors], {}, inner('scaled'));
    const scale = builder.op('Add', [scaled, builder.scalar(k)], {}, inner('scale'));
    const divisor = builder.op('Pow', [scale, builder.scalar(beta)], {}, inner('divisor'));
    builder.op('Div', [x, divisor], {}, { name, output });
  },
  fromOnnx: null,
};
