import { adaptiveWindow, invariant, type NodeOf } from '@alexnet/core';
import {
  applyTransposedWindows,
  applyWindows,
  createWindowMatrix,
  type WindowMatrix,
} from './convolution/window-matrix.ts';
import type { OpLowering } from './op-lowering.ts';

/**
 * y = mean over windows of PyTorch's adaptive kind; dx spreads each dy evenly over its window. Maps that have
 * the size already are passed on as they are.
 *
 * @see window-matrix.ts
 */
export const adaptiveAveragePool: OpLowering<NodeOf<'AdaptiveAveragePool'>> = {
  lower({ builder, shapeOf }, { name, inputs, attributes }, [x]) {
    const [, , H, W] = shapeOf(inputs[0]);
    invariant(H !== undefined && W !== undefined, `${name} is not 4-D`);
    const [outH, outW] = attributes.outputSize;
    if (outH === H && outW === W) {
      return { output: x, backward: (dy, [isWanted]) => [isWanted ? dy : null] };
    }
    const windows = { rows: meansOf(outH, H), columns: meansOf(outW, W) };
    return {
      output: applyWindows(builder, windows, x),
      backward: (dy, [isWanted]) => [
        isWanted ? applyTransposedWindows(builder, windows, dy) : null,
      ],
    };
  },
};

function meansOf(windows: number, pixels: number): WindowMatrix {
  return createWindowMatrix(windows, pixels, (index) => {
    const [begin, end] = adaptiveWindow(index, windows, pixels);
    return { begin, end, factor: 1 / (end - begin) };
  });
}
