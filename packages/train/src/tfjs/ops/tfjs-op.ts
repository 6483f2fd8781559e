import type { NodeOf, Shape } from '@alexnet/core';
import type { BatchStatistics } from '../batch-statistics.ts';
import type { TensorFlow, Value } from '../tensorflow.ts';

/** One value for each operand. */
type ForEachInput<Inputs extends readonly string[]> = {
  readonly [Index in keyof Inputs]: Value;
};

/**
 * What an op computes, in TensorFlow's operators: their gradients are TensorFlow's own.
 *
 * Maps are [N, H, W, C]; parameters have the layout of the IR.
 */
export type TfjsOp<Node extends { readonly inputs: readonly string[] }> = (
  node: Node,
  inputs: ForEachInput<Node['inputs']>,
  context: TfjsContext,
) => Value;

export interface TfjsContext {
  readonly tf: TensorFlow;
  /** As inferred, in the layout of the IR. */
  readonly outputShape: Shape;
  /** The mask of a dropout node in training, as its input is laid out; `null` in inference. */
  readonly mask: Value | null;
  /** Where a layer learns from its batch; `null` where it goes by its running statistics. */
  readonly statisticsOf: (node: NodeOf<'BatchNormalization'>) => BatchStatistics | null;
}
