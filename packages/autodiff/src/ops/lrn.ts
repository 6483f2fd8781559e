import { invariant, type NodeOf } from '@alexnet/core';
import { toMatrix, toTransposedMatrix } from './convolution/window-matrix.ts';
import { neighbourMatrix, normalizeByNeighbours } from './divisive-normalization.ts';
import type { OpLowering } from './op-lowering.ts';

/**
 * Local response normalisation across channels, with B the banded 0/1 matrix of the window:
 *
 *   s = k + α · B·x²,   y = x / s^β,   dx = dy / s^β − 2αβ · x · Bᵀ·(dy · y / s)
 *
 * The window's sum is a matrix product over the channels: ONNX's own LRN keeps no s for the gradient,
 * takes no even size in onnxruntime and has no WebGPU kernel. Groups of channels count as pictures of their
 * own: B is [C / groups, C / groups].
 *
 * Shape: x [N, C, H, W] → y [N, C, H, W]
 *
 * @see Krizhevsky et al. 2012, §3.3
 */
export const lrn: OpLowering<NodeOf<'LRN'>> = {
  lower({ builder, shapeOf }, node, [x]) {
    const { size, groups } = node.attributes;
    const [, C, H, W] = shapeOf(node.inputs[0]);
    invariant(C !== undefined && H !== undefined && W !== undefined, `${node.name} is not 4-D`);
    const channels = C / groups;
    const columns = builder.ints(-1, channels, H * W);
    const picture = builder.ints(-1, C, H, W);
    const band = (factor: number) => neighbourMatrix(channels, size, factor);

    const x3 = builder.op('Reshape', [x, columns]); // [N · groups, C / groups, H · W]
    const { output, backward } = normalizeByNeighbours(builder, x3, {
      ...node.attributes,
      neighbours: {
        sum: (value, factor) => builder.op('MatMul', [toMatrix(builder, band(factor)), value]),
        transposedSum: (value, factor) =>
          builder.op('MatMul', [toTransposedMatrix(builder, band(factor)), value]),
      },
    });
    return {
      output: builder.op('Reshape', [output, picture]),
      backward: (dy, [isWanted]) => {
        if (!isWanted) return [null];
        const dx3 = backward(builder.op('Reshape', [dy, columns]));
        return [builder.op('Reshape', [dx3, picture])];
      },
    };
  },
};
