import { sizeOf } from '../tensor.ts';
import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';

export type FlattenNode = NodeBase<'Flatten', readonly [string], Readonly<Record<string, never>>>;

/**
 * All axes but the first become one, in CHW order: what fc6's weights are laid out for.
 *
 * Shape: x [N, C, H, W] → y [N, C·H·W]
 *
 * @see ONNX Flatten-13, axis 1
 */
export const flatten: OpDefinition<FlattenNode> = {
  arity: 1,
  parseAttributes: () => ({}),
  inferShape: (_node, [[N = 1, ...rest]]) => [N, sizeOf(rest)],
};
