import type { InitScheme, PresetId } from '@alexnet/core';
import type { AugmentationName } from '@alexnet/data';
import type { ScheduleKind } from '@alexnet/train';
import type { SourceOptions } from '../data/source-options.ts';
import type { MeanCommandOptions } from '../options/mean-options.ts';
import type { ConvolutionWish } from './convolutions.ts';
import type { EngineWish } from './engine-choice.ts';
import type { OptimizerName } from './optimizers.ts';

/** The options as the user gave them; what is left out follows from the data. */
export interface TrainCommandOptions extends SourceOptions, EngineWish, MeanCommandOptions {
  readonly preset?: PresetId;
  readonly from?: string;
  /** File of a network of the user's own. */
  readonly network?: string;
  readonly inputSize?: number;
  readonly width?: number;
  readonly dropout?: number;
  readonly init?: InitScheme;
  readonly freeze?: readonly string[];
  readonly reinit?: readonly string[];
  readonly epochs?: number;
  readonly maxSteps?: number;
  readonly batchSize?: number;
  readonly microBatches?: number;
  readonly optimizer?: OptimizerName;
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  /** `layers=factor`, each. */
  readonly lrMult?: readonly string[];
  readonly decayMult?: readonly string[];
  readonly clipNorm?: number;
  readonly clipValue?: number;
  readonly averageDecay?: number;
  readonly schedule?: ScheduleKind;
  /** Epochs after which `multistep` divides the rate. */
  readonly milestones?: readonly number[];
  /** Epochs. */
  readonly warmup?: number;
  readonly labelSmoothing?: number;
  /** One for each class, or by how many pictures each has. */
  readonly classWeights?: 'balanced' | readonly number[];
  readonly mixup?: number;
  readonly cutmix?: number;
  readonly augment?: AugmentationName;
  readonly validation?: number | string;
  readonly seed?: number;
  readonly threads?: number;
  readonly convolutions?: ConvolutionWish;
  /** Epoch with which frozen layers begin to learn. */
  readonly unfreezeAt?: number;
  /** Variants of each picture whose features are kept. */
  readonly featureVariants?: number;
  /** False not to keep features. */
  readonly featureCache?: boolean;
  /** Bytes that the features of all trainings may take together. */
  readonly featureCacheLimit?: number;
  readonly checkpointEpochs?: number;
  readonly checkpointSteps?: number;
  readonly checkpointMinutes?: number;
  /** Newest checkpoints that stay. */
  readonly keep?: number;
  /** Epochs between checkpoints that stay for good. */
  readonly keepEvery?: number;
  readonly gradientHistograms?: true;
  readonly out?: string;
  readonly resume?: string;
  readonly dryRun?: true;
  /** Page to draw the search on. */
  readonly findLearningRate?: string;
  readonly json?: true;
}
