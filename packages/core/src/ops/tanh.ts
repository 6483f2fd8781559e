import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';

export type TanhNode = NodeBase<'Tanh', readonly [string], Readonly<Record<string, never>>>;

/**
 * Hyperbolic tangent, the saturating activation that the 2012 paper's figure 1 holds ReLU against.
 *
 * Shape: x → y, the same
 *
 * @see Krizhevsky et al. 2012, §3.1 · ONNX Tanh-13
 */
export const tanh: OpDefinition<TanhNode> = {
  arity: 1,
  parseAttributes: () => ({}),
  inferShape: (_node, [x]) => x,
};
