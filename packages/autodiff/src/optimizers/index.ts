import { AlexNetError } from '@alexnet/core';
import { type AdamConfig, adam } from './adam.ts';
import type { Optimizer, StepPosition } from './optimizer.ts';
import { type SgdConfig, sgd } from './sgd.ts';

/** An update rule and its settings that do not change during a training; the learning rate is given step by step. */
export type OptimizerConfig = SgdConfig | AdamConfig;

type OptimizerTable = {
  readonly [Kind in OptimizerConfig['kind']]: Optimizer<Extract<OptimizerConfig, { kind: Kind }>>;
};

const optimizers: OptimizerTable = { sgd, adam };

export const OPTIMIZER_KINDS: readonly OptimizerConfig['kind'][] = ['sgd', 'adam'];

/**
 * An optimiser's rule, seen as one that takes any configuration: the table guarantees that they belong
 * together.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for an unknown kind or a setting out of its range.
 */
export function resolveOptimizer(config: OptimizerConfig): Optimizer<OptimizerConfig> {
  if (!Object.hasOwn(optimizers, config.kind)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `Unknown optimizer "${String(config.kind)}".`,
      hint: `Use one of ${OPTIMIZER_KINDS.join(', ')}.`,
      path: ['optimizer', 'kind'],
    });
  }
  const rule: unknown = optimizers[config.kind];
  const optimizer = rule as Optimizer<OptimizerConfig>;
  optimizer.check(config);
  return optimizer;
}

/**
 * Names of the arrays that an optimiser keeps for every parameter, all zero before the first step.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function optimizerSlots(config: OptimizerConfig): readonly string[] {
  return resolveOptimizer(config).slots(config);
}

/**
 * Values of the step's run-time scalars, computed in float64.
 *
 * @param at.step - number of the update, from 1
 * @returns one number for each name in `TrainingStep.scalars`
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function optimizerScalars(
  config: OptimizerConfig,
  at: StepPosition,
): Readonly<Record<string, number>> {
  const optimizer = resolveOptimizer(config);
  if (!Number.isSafeInteger(at.step) || at.step < 1) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The step is ${at.step}.`,
      hint: 'Steps are whole numbers and count from 1.',
    });
  }
  if (!Number.isFinite(at.learningRate)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The learning rate of step ${at.step} is ${at.learningRate}.`,
      hint: 'Use a finite number.',
    });
  }
  return optimizer.scalarValues(config, at);
}
