import type { Shape } from '@alexnet/core';
import type { ModelProto } from '@alexnet/export';

/** A training step as one ONNX model, and what its inputs and outputs mean. */
export interface TrainingStep {
  /** Encode with `encodeModel`. Weights and optimiser state are inputs, so that it stays small. */
  readonly model: ModelProto;
  readonly batchSize: number;
  /** float32 [N, C, H, W], preprocessed. */
  readonly image: { readonly name: 'image'; readonly shape: Shape };
  /**
   * float32 [N, classes]: the wanted share of each class, one-hot or soft. A row of zeros is padding, its
   * picture has no effect on loss, gradient or running statistics.
   */
  readonly target: { readonly name: 'target'; readonly shape: Shape };
  /** float32 [1]: what the batch's loss is divided by, the number of real pictures. */
  readonly normalizer: 'normalizer';
  /** float32 inputs with the dropout masks, whose values are 0 or 1 / (1 − ratio). */
  readonly masks: readonly MaskInput[];
  /** Names of float32 [1] inputs that take the values of `updateScalars`; none with `gradients`. */
  readonly scalars: readonly string[];
  /**
   * What the step reads and writes: with `update` the parameters that learn, the optimiser's arrays and the
   * running statistics, with `gradients` the running statistics alone. Frozen parameters are inputs only.
   */
  readonly state: readonly StateArray[];
  /** Outputs of `gradients`; empty with `update`. */
  readonly gradients: readonly GradientOutput[];
  /** float32 []: the loss before the update. */
  readonly loss: 'loss';
  /** float32 [N, classes]: the logits before the update, dropout active. */
  readonly logits: 'logits';
}

export interface MaskInput {
  readonly name: string;
  /** Name of the Dropout node. */
  readonly node: string;
  readonly shape: Shape;
  /** Share of zeros. */
  readonly ratio: number;
}

/**
 * An array that the step replaces. `output` may lie in the buffer of `input`: see `checkInPlaceUpdate`; with `stages`
 * it must, and they before it.
 */
export interface StateArray {
  readonly parameter: string;
  /** `null` is the weight or running statistic itself, else the optimiser's name for the array. */
  readonly slot: string | null;
  readonly input: string;
  readonly output: string;
  /** Outputs that lie in the array's memory one after another, before `output` does; none unless given. */
  readonly stages?: readonly StateStage[];
  readonly shape: Shape;
  /** Elements of the parameter before it: large matrices come in several arrays of some rows. */
  readonly offset: number;
  /**
   * Rows that lie in a block, value by value side by side: [rows/B, columns, B], though `shape` is [rows, columns].
   * Row follows row unless given.
   */
  readonly rowBlock?: number;
}

/** A value on the way from an array to its new value, of as many numbers. */
export interface StateStage {
  readonly output: string;
  readonly shape: Shape;
}

export interface GradientOutput {
  readonly parameter: string;
  readonly output: string;
  readonly shape: Shape;
}
