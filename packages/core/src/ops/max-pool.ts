import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { inferPooledShape, type PoolAttributes, parsePool } from './pool.ts';

/** The stride is smaller than the kernel in AlexNet: windows overlap. Padding never wins the maximum. */
export type MaxPoolAttributes = PoolAttributes;

export type MaxPoolNode = NodeBase<'MaxPool', readonly [string], MaxPoolAttributes>;

/**
 * Maximum over a sliding window.
 *
 * Shape: x [N, C, H, W] → y [N, C, H', W'], H' = floor((H + top + bottom − kH) / stride) + 1; with `ceilMode`
 *   rounded up, without windows that would start behind the last pixel
 *
 * @see Krizhevsky et al. 2012, §3.4 (overlapping pooling) · ONNX MaxPool-12
 */
export const maxPool: OpDefinition<MaxPoolNode> = {
  arity: 1,
  parseAttributes: parsePool,
  inferShape: (node, [x]) => inferPooledShape(node, x),
};
