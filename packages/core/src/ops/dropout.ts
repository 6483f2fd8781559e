import { readNumber } from '../read-number.ts';
import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';

export interface DropoutAttributes {
  /** Share of the values set to zero in training; the rest is divided by 1 − ratio. */
  readonly ratio: number;
}

export type DropoutNode = NodeBase<'Dropout', readonly [string], DropoutAttributes>;

/**
 * Inverted dropout: in training y = x · mask / (1 − ratio), in inference y = x.
 *
 * The 2012 paper multiplies by 1 − ratio at test time instead: the same expectation.
 *
 * Shape: x → y, the same
 *
 * @see Krizhevsky et al. 2012, §4.2 · ONNX Dropout-13
 */
export const dropout: OpDefinition<DropoutNode> = {
  arity: 1,
  parseAttributes: (json) => ({ ratio: readNumber(json.field('ratio'), { min: 0, below: 1 }) }),
  inferShape: (_node, [x]) => x,
};
