import type { InitScheme, PresetId } from '@alexnet/core';
import type { AugmentationName } from '@alexnet/data';
import type { ScheduleKind } from '@alexnet/train';

/** The options as the user gave them; what is left out follows from the data. */
export interface TrainCommandOptions {
  readonly preset?: PresetId;
  readonly from?: string;
  readonly inputSize?: number;
  readonly width?: number;
  readonly dropout?: number;
  readonly init?: InitScheme;
  readonly freeze?: readonly string[];
  readonly epochs?: number;
  readonly maxSteps?: number;
  readonly batchSize?: number;
  readonly optimizer?: 'sgd' | 'adam';
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly schedule?: ScheduleKind;
  readonly augment?: AugmentationName;
  readonly validation?: number | string;
  readonly seed?: number;
  readonly threads?: number;
  readonly checkpointSteps?: number;
  readonly out?: string;
  readonly resume?: string;
  readonly dryRun?: true;
  readonly json?: true;
}
