import { AlexNetError } from '@alexnet/core';
import { type AdamConfig, adam } from './adam.ts';
import { type LarsConfig, lars } from './lars.ts';
import type { Optimizer } from './optimizer.ts';
import { type RmspropConfig, rmsprop } from './rmsprop.ts';
import { type SgdConfig, sgd } from './sgd.ts';

interface ConfigOfKind {
  readonly sgd: SgdConfig;
  readonly adam: AdamConfig;
  readonly adamw: AdamConfig;
  readonly rmsprop: RmspropConfig;
  readonly lars: LarsConfig;
}

/** An update rule and its settings that do not change during a training; the learning rate is given step by step. */
export type OptimizerConfig = ConfigOfKind[OptimizerKind];

export type OptimizerKind = keyof ConfigOfKind;

const optimizers: { readonly [Kind in OptimizerKind]: Optimizer<ConfigOfKind[Kind]> } = {
  sgd,
  adam,
  adamw: adam,
  rmsprop,
  lars,
};

export const OPTIMIZER_KINDS: readonly OptimizerKind[] = [
  'sgd',
  'adam',
  'adamw',
  'rmsprop',
  'lars',
];

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
