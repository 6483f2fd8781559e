import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank, inferWindowedSize, parseWindow, type WindowAttributes } from './window.ts';

/**
 * The window's kernel, strides and pads. The stride is smaller than the kernel in AlexNet: windows overlap;
 * padding never wins the maximum.
 */
export type MaxPoolAttributes = WindowAttributes;

export type MaxPoolNode = NodeBase<'MaxPool', readonly [string], MaxPoolAttributes>;

/**
 * Maximum over a sliding window.
 *
 * Shape: x [N, C, H, W] → y [N, C, H', W'], H' = floor((H + top + bottom − kH) / stride) + 1
 *
 * @see Krizhevsky et al. 2012, §3.4 (overlapping pooling) · ONNX MaxPool-12
 */
export const maxPool: OpDefinition<MaxPoolNode> = {
  arity: 1,
  parseAttributes: parseWindow,
  inferShape({ name, attributes }, [x]) {
    checkRank(name, 'MaxPool', x, 4);
    const [N, C, H, W] = x as [number, number, number, number];
    return [N, C, ...inferWindowedSize(name, [H, W], attributes)];
  },
};
