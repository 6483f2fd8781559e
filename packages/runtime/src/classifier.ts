/// <reference lib="esnext.disposable" preserve="true" />
import type { Tensor } from '@alexnet/core';
import type { ClassifierMetadata } from './metadata.ts';
import type { SessionInfo } from './session.ts';
import type { Prediction } from './top-k.ts';

/** What a model's output holds. */
export type OutputKind = 'logits' | 'probabilities';

export interface ClassifierInfo extends SessionInfo, ClassifierMetadata {
  /** Number of classes. */
  readonly classes: number;
  readonly outputKind: OutputKind;
  /** Names that {@link Classifier.features} takes: the model's outputs, and what was declared at load. */
  readonly layers: readonly string[];
  /** SHA-256 of the model file in hexadecimal, where the runtime worked it out. */
  readonly sha256?: string;
}

/** Crops of each picture: 1 is what the preprocessing says, 10 the test-time average of the paper. */
export type Crops = 1 | 10;

/** What any call takes. */
export interface CallOptions {
  /**
   * Ends the call: it rejects with the signal's reason, nothing of it runs on but the run under way, and
   * the classifier stays usable.
   */
  readonly signal?: AbortSignal;
}

export interface CropOptions {
  /**
   * 10 averages over the corners and the middle of the resized picture and of its mirror image:
   * probabilities when classifying, as Krizhevsky et al. 2012 §4.1; logits in `logits`, as torchvision's
   * documentation of `TenCrop`. 1 unless given.
   */
  readonly crops?: Crops;
}

export interface ClassifyOptions extends CallOptions, CropOptions {
  /** Number of classes wanted, best first; all of them where there are fewer. 5 unless given. */
  readonly topK?: number;
}

export interface BatchOptions<Result> extends CallOptions {
  /** Inputs per run: pictures, or their crops. The next ones are decoded meanwhile. 32 unless given. */
  readonly batchSize?: number;
  /**
   * Called after each run with its results, in the pictures' order: to show progress, or to go on with
   * the first ones.
   *
   * @param first - index of the first of them
   */
  readonly onResults?: (results: readonly Result[], first: number) => void;
}

/** Says what pictures show. Calls may overlap: the model runs them one after another. */
export interface Classifier<Source> {
  readonly info: ClassifierInfo;
  /**
   * The most probable classes of one picture, best first.
   *
   * @throws {@link AlexNetError} `INVALID_ARGUMENT` for an impossible `topK` or after `dispose` · what
   *   decoding throws · `NUMERIC` if the model gives NaN · `SHAPE_MISMATCH` for a picture that is smaller
   *   than ten crops need
   */
  classify(picture: Source, options?: ClassifyOptions): Promise<Prediction[]>;
  /** {@link Classifier.classify} for many pictures of any sizes, in their order. */
  classifyBatch(
    pictures: readonly Source[],
    options?: ClassifyOptions & BatchOptions<Prediction[]>,
  ): Promise<Prediction[][]>;
  /**
   * The model's raw outputs, before softmax: [classes] for each picture.
   *
   * @throws {@link AlexNetError} `UNSUPPORTED` if the model gives probabilities
   */
  logits(
    pictures: readonly Source[],
    options?: CropOptions & BatchOptions<Float32Array>,
  ): Promise<Float32Array[]>;
  /**
   * What a layer gives: one tensor for each picture, without the batch axis.
   *
   * @param layer - one of `info.layers`; others are declared when the model is loaded
   * @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the layers there are
   */
  features(
    layer: string,
    pictures: readonly Source[],
    options?: BatchOptions<Tensor>,
  ): Promise<Tensor[]>;
  /** Waits for the calls under way and frees the model; more than once does no harm. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
