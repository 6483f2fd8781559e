import { adaptiveWindow, type NodeOf } from '@alexnet/core';
import type { OpTranslation } from './op-translation.ts';

/**
 * ONNX has no such operator. Where the picture has the size already: Identity. Where both its lengths divide:
 * AveragePool with kernel and stride L / n. Elsewhere two products with constant averaging matrices, as
 *
 *   y = rows [H', H] · x [N, C, H, W] · columns [W, W']
 */
export const adaptiveAveragePool: OpTranslation<NodeOf<'AdaptiveAveragePool'>> = {
  toOnnx({ name, inputs: [x], output, attributes }, { builder, shapeOf }) {
    const [height, width] = attributes.outputSize;
    const [, , H = 0, W = 0] = shapeOf(x);
    if (H === height && W === width) {
      builder.op('Identity', [x], {}, { name, output });
      return;
    }
    if (H % height === 0 && W % width === 0) {
      const kernel = { ints: [H / height, W / width] };
      const onnxAttributes = { kernel_shape: kernel, strides: kernel };
      builder.op('AveragePool', [x], onnxAttributes, { name, output });
      return;
    }
    const rows = builder.initializer(`${name}/row-means`, {
      dtype: 'float32',
      shape: [height, H],
      data: makeMeans(height, H),
    });
    const columns = builder.initializer(`${name}/column-means`, {
      dtype: 'float32',
      shape: [W, width],
      data: transpose(makeMeans(width, W), width),
    });
    const shorter = builder.op('MatMul', [rows, x], {}, { name: `${name}/rows` }); // [N, C, H', W]
    builder.op('MatMul', [shorter, columns], {}, { name, output }); // [N, C, H', W']
  },
  fromOnnx: null,
};

/** [count, length]: row i holds 1 / size at the pixels of window i. */
function makeMeans(count: number, length: number): Float32Array {
  const matrix = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    const [begin, end] = adaptiveWindow(i, count, length);
    matrix.fill(1 / (end - begin), i * length + begin, i * length + end);
  }
  return matrix;
}

function transpose(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows;
  return matrix.map(
    (_value, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] ?? Number.NaN,
  );
}
