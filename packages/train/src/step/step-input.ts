import type { Graph, Random } from '@alexnet/core';
import { type Batch, type Mixed, mixBatch } from '@alexnet/data';
import type { TrainingConfig } from '../config/training-config.ts';
import type { StepInput } from '../training-engine.ts';
import { createTargets } from './targets.ts';

export interface StepInputOptions {
  readonly config: Pick<TrainingConfig, 'batchSize' | 'labelSmoothing' | 'classWeights' | 'mixing'>;
  readonly graph: Graph;
  readonly classes: number;
  /** Of the training; a step's own numbers come from it by splitting. */
  readonly random: Random;
}

/** A batch as a step takes it: mixed, where that is asked for, and with its targets. */
export function toStepInput(
  batch: Batch,
  at: Pick<StepInput, 'step' | 'learningRate'>,
  { config, graph, classes, random }: StepInputOptions,
): StepInput {
  const { batchSize, labelSmoothing, classWeights, mixing } = config;
  const { images, mixed }: Batch & { readonly mixed?: Mixed } = mixing
    ? mixBatch(batch, graph.input.shape, { mixing, random: random.split('mixing', at.step) })
    : batch;
  const { rows, normalizer } = createTargets(batch.labels, {
    batchSize,
    classes,
    smoothing: labelSmoothing,
    classWeights,
    ...(mixed ? { mixed } : {}),
  });
  return { images, targets: rows, normalizer, ...at };
}
