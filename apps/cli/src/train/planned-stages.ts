import type { Model } from '@alexnet/core';
import { findFrozenValue, type TrainingConfig } from '@alexnet/train';
import { countStepsPerEpoch, type RunConfig } from './run-config.ts';

/** Epochs in a row whose steps compute alike. */
export interface PlannedStage {
  readonly steps: number;
  readonly epochs: number;
  /** As if all epochs were this stage's. */
  readonly settings: TrainingConfig;
  /** The value whose features the steps take from a cache; `null` where they begin with the pictures. */
  readonly value: string | null;
}

/** What a run will do: with its frozen layers, and from where they learn on with all. */
export function planStages(config: RunConfig, { graph }: Model): readonly PlannedStage[] {
  const { training, featureVariants } = config;
  const { epochs, unfreezeAt, maxSteps } = training;
  const stepsPerEpoch = countStepsPerEpoch(config);
  const value = featureVariants === null ? null : findFrozenValue(graph, new Set(training.frozen));
  const settings = { ...training, unfreezeAt: null };
  const frozenEpochs = unfreezeAt === null ? epochs : unfreezeAt - 1;
  const stages = [
    { epochs: frozenEpochs, settings, value },
    { epochs: epochs - frozenEpochs, settings: { ...settings, frozen: [] }, value: null },
  ];
  let left = maxSteps ?? Number.POSITIVE_INFINITY;
  return stages.flatMap((stage) => {
    const steps = Math.min(stage.epochs * stepsPerEpoch, left);
    left -= steps;
    return steps > 0 ? [{ ...stage, steps, epochs: Math.ceil(steps / stepsPerEpoch) }] : [];
  });
}
