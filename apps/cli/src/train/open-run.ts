import type { Model } from '@alexnet/core';
import type { Checkpoint } from '@alexnet/train';
import type { RunFolder } from '@alexnet/train/node';
import type { TrainingData } from '../data/open-data.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { RunConfig } from './run-config.ts';

/** A run with all that its steps need. */
export interface TrainingRun {
  readonly config: RunConfig;
  readonly model: Model;
  readonly data: TrainingData;
  readonly folder: RunFolder;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Whether TensorBoard's histograms of the gradients are wanted. */
  readonly gradientHistograms: boolean;
  /** Bytes that the features of all trainings may take together, if the user said so. */
  readonly featureCacheLimit: number | undefined;
  /** Where the run stood, if it goes on. */
  readonly checkpoint?: Checkpoint;
}
