import { invariant, type NodeOf } from '@alexnet/core';
import { applyTransposedWindows, applyWindows } from './convolution/window-matrix.ts';
import { neighbourMatrix, normalizeByNeighbours } from './divisive-normalization.ts';
import type { OpLowering } from './op-lowering.ts';

/**
 * Local response normalisation inside each map, with S the sum over a window of size × size:
 *
 *   s = k + α · S(x²),   y = x / s^β,   dx = dy / s^β − 2αβ · x · Sᵀ(dy · y / s)
 *
 * S is two products with banded 0/1 matrices, one an axis; see `window-matrix.ts`.
 *
 * Shape: x [N, C, H, W] → y [N, C, H, W]
 */
export const spatialLrn: OpLowering<NodeOf<'SpatialLRN'>> = {
  lower({ builder, shapeOf }, { name, inputs, attributes }, [x]) {
    const { size } = attributes;
    const [, , H, W] = shapeOf(inputs[0]);
    invariant(H !== undefined && W !== undefined, `${name} is not 4-D`);
    const windows = (factor: number) => ({
      rows: neighbourMatrix(H, size, factor),
      columns: neighbourMatrix(W, size, 1),
    });
    const { output, backward } = normalizeByNeighbours(builder, x, {
      ...attributes,
      neighbours: {
        sum: (value, factor) => applyWindows(builder, windows(factor), value),
        transposedSum: (value, factor) => applyTransposedWindows(builder, windows(factor), value),
      },
    });
    return { output, backward: (dy, [isWanted]) => [isWanted ? backward(dy) : null] };
  },
};
