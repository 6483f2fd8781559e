import { invariant, type NodeOf } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import type { OpLowering } from './op-lowering.ts';

/**
 * Local response normalisation across channels, with B the banded 0/1 matrix [C, C] of the window:
 *
 *   s = k + α · B·x²,   y = x / s^β,   dx = dy / s^β − 2αβ · x · Bᵀ·(dy · y / s)
 *
 * The window's sum is a matrix product over the channels: ONNX's own LRN keeps no s for the gradient,
 * takes no even size in onnxruntime and has no WebGPU kernel.
 *
 * Shape: x [N, C, H, W] → y [N, C, H, W]
 *
 * @see Krizhevsky et al. 2012, §3.3
 */
export const lrn: OpLowering<NodeOf<'LRN'>> = {
  lower({ builder, shapeOf }, node, [x]) {
    const { size, alpha, beta, k } = node.attributes;
    const [, C, H, W] = shapeOf(node.inputs[0]);
    invariant(C !== undefined && H !== undefined && W !== undefined, `${node.name} is not 4-D`);
    const columns = builder.ints(0, C, -1);
    const picture = builder.ints(0, C, H, W);

    const x3 = builder.op('Reshape', [x, columns]); // [N, C, H·W]
    const window = builder.constant(bandMatrix(C, size, alpha), [C, C]);
    const squares = builder.op('Mul', [x3, x3]);
    const scale = builder.op('Add', [builder.op('MatMul', [window, squares]), builder.scalar(k)]);
    const divisor = raise(builder, scale, beta);
    const y3 = builder.op('Div', [x3, divisor]);
    return {
      output: builder.op('Reshape', [y3, picture]),
      backward: (dy, [isWanted]) => {
        if (!isWanted) return [null];
        const dy3 = builder.op('Reshape', [dy, columns]);
        const shares = builder.op('Div', [builder.op('Mul', [dy3, y3]), scale]);
        const transposed = builder.constant(transpose(bandMatrix(C, size, 2 * alpha * beta), C), [
          C,
          C,
        ]);
        const neighbours = builder.op('MatMul', [transposed, shares]);
        const direct = builder.op('Div', [dy3, divisor]);
        const dx3 = builder.op('Sub', [direct, builder.op('Mul', [x3, neighbours])]);
        return [builder.op('Reshape', [dx3, picture])];
      },
    };
  },
};

/**
 * `value` in row c, column i where channel i lies in the window of channel c. An even window reaches one
 * channel further up than down.
 */
function bandMatrix(channels: number, size: number, value: number): Float32Array {
  const below = Math.floor((size - 1) / 2);
  const above = size - 1 - below;
  const matrix = new Float32Array(channels * channels);
  for (let c = 0; c < channels; c++) {
    const first = c * channels + Math.max(0, c - below);
    const last = c * channels + Math.min(channels - 1, c + above);
    matrix.fill(value, first, last + 1);
  }
  return matrix;
}

function transpose(matrix: Float32Array, size: number): Float32Array {
  return matrix.map((_value, i) => matrix[(i % size) * size + Math.floor(i / size)] ?? 0);
}

/** s^β. Square roots cost a fraction of a general power, and AlexNet's β is 3/4. */
function raise(builder: OnnxBuilder, s: Value, beta: number): Value {
  if (beta === 1) return s;
  if (beta === 0.5) return builder.op('Sqrt', [s]);
  if (beta === 0.75) {
    const root = builder.op('Sqrt', [s]);
    return builder.op('Mul', [root, builder.op('Sqrt', [root])]);
  }
  return builder.op('Pow', [s, builder.scalar(beta)]);
}
