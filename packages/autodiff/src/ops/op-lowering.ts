import type { NodeOf, Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';

/** What lowering an op may use. */
export interface LoweringContext {
  readonly builder: OnnxBuilder;
  /**
   * Shape of a value or parameter of the graph, with the batch axis. The forward operators must not rely
   * on the batch's length: it is dynamic in inference.
   */
  shapeOf(name: string): Shape;
  /** Declares the mask of an active Dropout as an input of the model; `null` in inference. */
  readonly addMask: ((node: NodeOf<'Dropout'>, shape: Shape) => Value) | null;
  /** Whether {@link Lowered.backward} may be called: without it, nothing is kept for the gradient. */
  readonly isDifferentiated: boolean;
}

/** A node's operators for the forward pass, and how to add those of its gradient. */
export interface Lowered<Inputs extends readonly string[]> {
  readonly output: Value;
  /**
   * Adds the operators of the gradient (vector-Jacobian product).
   *
   * @param dy - gradient of the loss with respect to the output
   * @param isWanted - one flag an operand; what nobody wants is not computed
   * @returns one gradient an operand; `null` where it is not wanted
   */
  backward(dy: Value, isWanted: PerOperand<Inputs, boolean>): PerOperand<Inputs, Value | null>;
}

/** How one op of the IR becomes ONNX operators, forwards and backwards. */
export interface OpLowering<N extends { readonly inputs: readonly string[] }> {
  lower(
    context: LoweringContext,
    node: N,
    operands: PerOperand<N['inputs'], Value>,
  ): Lowered<N['inputs']>;
}

/** One `T` for each operand. */
export type PerOperand<Inputs extends readonly string[], T> = {
  readonly [Index in keyof Inputs]: T;
};
