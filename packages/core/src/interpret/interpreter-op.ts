import type { ForEachInput } from '../ops/node-base.ts';
import type { Shape } from '../tensor.ts';
import type { Float64Tensor } from './float64-tensor.ts';

/** What an op computes, in float64: the definition that every engine is held against. */
export type InterpreterOp<Node extends { readonly inputs: readonly string[] }> = (
  node: Node,
  inputs: ForEachInput<Node['inputs'], Float64Tensor>,
  context: InterpreterContext,
) => Float64Tensor;

export interface InterpreterContext {
  /** As inferred: what the op has to make. */
  readonly outputShape: Shape;
  /** The mask of a dropout node in training, already divided by 1 − ratio. */
  readonly mask: Float64Tensor | undefined;
}
