import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { inferPooledShape, type PoolAttributes, parsePool } from './pool.ts';

export interface AveragePoolAttributes extends PoolAttributes {
  /**
   * Whether the zeros of the padding count in the divisor. What a window of `ceilMode` covers beyond the
   * padding never counts.
   */
  readonly countIncludePad: boolean;
}

export type AveragePoolNode = NodeBase<'AveragePool', readonly [string], AveragePoolAttributes>;

/**
 * Mean over a sliding window.
 *
 *   y = Σ x / count,  over the part of the window inside the picture; count is the size of that part, or with
 *   `countIncludePad` of the part inside the padded picture
 *
 * Shape: x [N, C, H, W] → y [N, C, H', W'], as {@link maxPool}'s
 *
 * @see ONNX AveragePool-19 · PyTorch AvgPool2d
 */
export const averagePool: OpDefinition<AveragePoolNode> = {
  arity: 1,
  parseAttributes: (json) => ({
    ...parsePool(json),
    countIncludePad: json.has('countIncludePad') && json.field('countIncludePad').boolean(),
  }),
  inferShape: (node, [x]) => inferPooledShape(node, x),
};
