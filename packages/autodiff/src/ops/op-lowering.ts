import type { NodeOf, Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import type { Gradient } from '../gradient.ts';
import type { RowPart } from '../row-parts.ts';
import type { ConvolutionRecipe, LayerRecipes } from './convolution-recipe.ts';

/** What lowering an op may use. */
export interface LoweringContext {
  readonly builder: OnnxBuilder;
  /**
   * Shape of a value or parameter of the graph, with the batch axis. The forward operators must not rely
   * on the batch's length: it is dynamic in inference, unless `convolutions` is other than `direct`.
   */
  shapeOf(name: string): Shape;
  /** Declares the mask of an active Dropout as an input of the model; `null` in inference. */
  readonly addMask: ((node: NodeOf<'Dropout'>, shape: Shape) => Value) | null;
  /**
   * What a BatchNormalization that learns from its batch needs; `null` for one that normalises by its running
   * statistics: in inference, or because it is frozen.
   */
  batchStatistics(node: NodeOf<'BatchNormalization'>): BatchStatistics | null;
  /** The parts in which a parameter comes, each an input of the model; `null` if it comes whole. */
  rowPartsOf(parameter: string): readonly RowPart[] | null;
  /** Channels in a block of onnxruntime's blocked convolutions; `null` for standard operators only. */
  readonly blockedChannels: number | null;
  readonly convolutions: ConvolutionRecipe | LayerRecipes;
  /** Whether MaxPool's second output, `Indices`, may be used. */
  readonly poolIndices: boolean;
  /** Whether {@link Lowered.backward} may be called: without it, nothing is kept for the gradient. */
  readonly isDifferentiated: boolean;
}

/** Which rows of a batch are pictures, and where a layer's mean and variance go. */
export interface BatchStatistics {
  /** float32 [1, N]: 1 for a picture, 0 for padding. */
  readonly presence: Value;
  /** float32 [1, N]: 1 / number of pictures for a picture, 0 for padding; all 0 if there is no picture. */
  readonly shares: Value;
  /**
   * Has a running statistic follow the batch: new = momentum · old + (1 − momentum) · batch.
   *
   * @param parameter - its name
   * @param batch - the batch's value, as many numbers as the parameter
   */
  update(parameter: string, batch: Value, momentum: number): void;
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
  backward(
    dy: Value,
    isWanted: PerOperand<Inputs, boolean>,
  ): PerOperand<Inputs, Value | readonly PartGradient[] | null>;
}

/** The gradient of a part of a parameter, not before the part may be overwritten. */
export interface PartGradient {
  readonly part: RowPart;
  readonly gradient: Gradient;
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
