import type { Graph, ModelMetadata, TrainingColours } from '@alexnet/core';
import type { BadPictureLog, Dataset, PictureRenderer } from '@alexnet/data';
import type { TrainingProgress } from '../checkpoint/checkpoint.ts';
import type { RunStore } from '../checkpoint/run-store.ts';
import type { TrainingConfig } from '../config/training-config.ts';
import type { Features } from '../features/features.ts';
import type { EngineFactory, EngineState } from '../training-engine.ts';

export interface TrainOptions {
  readonly graph: Graph;
  /** Its labels are the data set's; its preprocessing turns pictures into the network's input. */
  readonly metadata: ModelMetadata;
  /** Initial weights; with optimiser slots where a training goes on. */
  readonly state: EngineState;
  readonly config: TrainingConfig;
  readonly training: Dataset;
  /** Of the training pictures, where they are known: measured unless given, if the augmentation goes by them. */
  readonly colours?: TrainingColours;
  /** Without it, or a picture in it, there are no validation figures and the last checkpoint counts as the best. */
  readonly validation?: Dataset;
  /**
   * What the frozen layers make of the same pictures, made with the same weights, preprocessing and augmentation:
   * while these layers are frozen, only what is behind them is computed.
   */
  readonly features?: Features;
  readonly createEngine: EngineFactory;
  /** What turns decoded pictures into inputs; this thread unless given. It changes no bit of the result. */
  readonly renderer?: PictureRenderer;
  readonly store?: RunStore;
  /** Where the training that this one goes on with stood. */
  readonly resumeFrom?: TrainingProgress;
  /** Collects pictures that cannot be read; more than a tenth of all, validation's included, stops the training. */
  readonly badPictures?: BadPictureLog;
  /** Ends the training after the step that is under way, with a checkpoint of where it stands. */
  readonly signal?: AbortSignal;
}

/** With all that has a default. */
export type CompleteTrainOptions = TrainOptions & { readonly badPictures: BadPictureLog };
