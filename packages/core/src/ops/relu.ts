import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';

export type ReluNode = NodeBase<'Relu', readonly [string], Readonly<Record<string, never>>>;

/**
 * Rectified linear unit: y = max(x, 0).
 *
 * Shape: x → y, the same
 *
 * @see Krizhevsky et al. 2012, §3.1 · ONNX Relu-14
 */
export const relu: OpDefinition<ReluNode> = {
  arity: 1,
  parseAttributes: () => ({}),
  inferShape: (_node, [x]) => x,
};
