import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank } from './window.ts';

export type SoftmaxNode = NodeBase<'Softmax', readonly [string], Readonly<Record<string, never>>>;

/**
 * Scores to probabilities over the classes: y[n,c] = exp(x[n,c]) / Σⱼ exp(x[n,j]).
 *
 * Shape: x [N, classes] → y [N, classes]
 *
 * @see ONNX Softmax-13, axis 1
 */
export const softmax: OpDefinition<SoftmaxNode> = {
  arity: 1,
  parseAttributes: () => ({}),
  inferShape({ name }, [x]) {
    checkRank(name, 'Softmax', x, 2);
    return x;
  },
};
