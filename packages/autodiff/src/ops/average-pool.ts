import { invariant, type NodeOf } from '@alexnet/core';
import {
  applyTransposedWindows,
  applyWindows,
  createWindowMatrix,
  type MapWindows,
} from './convolution/window-matrix.ts';
import type { OpLowering } from './op-lowering.ts';

/**
 * y = mean over a window; dx spreads each dy evenly over its window. Two matrix products each way, see
 * `window-matrix.ts`: the divisor of a window is its height times its width, at the border too.
 */
export const averagePool: OpLowering<NodeOf<'AveragePool'>> = {
  lower({ builder, shapeOf }, node, [x]) {
    const windows = toWindows(node, shapeOf(node.inputs[0]), shapeOf(node.output));
    return {
      output: applyWindows(builder, windows, x),
      backward: (dy, [isWanted]) => [
        isWanted ? applyTransposedWindows(builder, windows, dy) : null,
      ],
    };
  },
};

function toWindows(
  { name, attributes }: NodeOf<'AveragePool'>,
  [, , H, W]: readonly number[],
  [, , outH, outW]: readonly number[],
): MapWindows {
  invariant(
    H !== undefined && W !== undefined && outH !== undefined && outW !== undefined,
    `${name} is not 4-D`,
  );
  const { kernelShape, strides, pads, countIncludePad } = attributes;
  const [top, left, bottom, right] = pads;
  const axis = (i: 0 | 1, windows: number, pixels: number, before: number, after: number) =>
    createWindowMatrix(windows, pixels, (index) => {
      const begin = index * strides[i] - before;
      const end = begin + kernelShape[i];
      const count = countIncludePad
        ? Math.min(end, pixels + after) - begin
        : Math.min(end, pixels) - Math.max(begin, 0);
      return { begin, end, factor: 1 / count };
    });
  return { rows: axis(0, outH, H, top, bottom), columns: axis(1, outW, W, left, right) };
}
