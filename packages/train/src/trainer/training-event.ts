import type { Evaluation } from '../evaluation/metrics.ts';
import type { EngineInfo } from '../training-engine.ts';

/** What a training says while it runs, in the order in which it happens. */
export type TrainingEvent =
  | StartEvent
  | StepEvent
  | ValidationEvent
  | EpochEvent
  | CheckpointEvent
  | WarningEvent
  | DoneEvent;

export interface StartEvent {
  readonly event: 'start';
  readonly engine: EngineInfo;
  readonly trainingPictures: number;
  readonly validationPictures: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  /** Steps taken already, by the training that this one goes on with. */
  readonly resumedAtStep: number;
}

export interface StepEvent {
  readonly event: 'step';
  /** From 1. */
  readonly epoch: number;
  /** Of the whole training, from 1. */
  readonly step: number;
  /** Mean cross-entropy of the batch. */
  readonly loss: number;
  /** Share of the batch whose class scored highest, dropout on. */
  readonly accuracy: number;
  readonly learningRate: number;
  readonly picturesPerSecond: number;
}

export interface EpochEvent {
  readonly event: 'epoch';
  readonly epoch: number;
  readonly step: number;
  /** Means over the epoch's steps. */
  readonly loss: number;
  readonly accuracy: number;
  readonly validation?: ValidationFigures;
  readonly picturesPerSecond: number;
  /** Share of the epoch's time in which the step waited for pictures; validation apart. 0–1. */
  readonly waitShare: number;
}

/** Comes before its epoch, where there are validation pictures. */
export interface ValidationEvent {
  readonly event: 'validation';
  readonly epoch: number;
  readonly step: number;
  readonly evaluation: Evaluation;
}

export interface ValidationFigures {
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
}

export function pickFigures({ loss, top1, top5 }: Evaluation): ValidationFigures {
  return { loss, top1, top5 };
}

export interface CheckpointEvent {
  readonly event: 'checkpoint';
  readonly epoch: number;
  readonly step: number;
  readonly file: string;
  /** Whether it is the best so far. */
  readonly best: boolean;
}

export interface WarningEvent {
  readonly event: 'warning';
  readonly message: string;
}

export interface DoneEvent {
  readonly event: 'done';
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Of the best checkpoint. */
  readonly validation?: ValidationFigures;
  readonly picturesPerSecond: number;
}
