import { AlexNetError } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { checkClip, type GradientClip } from './clip-gradients.ts';
import { type OptimizerConfig, resolveOptimizer } from './optimizers/index.ts';
import {
  checkRange,
  DECAY_RATE,
  type Optimizer,
  type StepPosition,
} from './optimizers/optimizer.ts';

/** How parameters move, as data: what is the same for all of them and in every step. */
export interface UpdateRule {
  readonly optimizer: OptimizerConfig;
  /** No limit unless given. */
  readonly clip?: GradientClip | null;
  /**
   * Keeps an exponential moving average of the weights beside them: the share of it that stays in a step,
   * 0 ≤ share < 1. After the first step, it is the weights. None unless given.
   *
   * @see Polyak & Juditsky 1992 · `torch.optim.swa_utils.get_ema_multi_avg_fn`
   */
  readonly averageDecay?: number | null;
}

/** What is particular to one parameter. @see Caffe `lr_mult`, `decay_mult` */
export interface ParameterFactors {
  /** Multiplies the learning rate. */
  readonly learningRate: number;
  /** Multiplies the weight decay. */
  readonly weightDecay: number;
}

export const NO_FACTORS: ParameterFactors = { learningRate: 1, weightDecay: 1 };

/** The array of a parameter's moving average. */
export const AVERAGE_SLOT = 'average';

/** Scalars of a step: what the average keeps of itself, and what it takes of the weights. */
export const AVERAGE_DECAY = 'average_decay';
export const AVERAGE_SHARE = 'average_share';

/**
 * Checks a rule's numbers.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the setting, its value and its range
 */
export function resolveRule({
  optimizer,
  clip,
  averageDecay,
}: UpdateRule): Optimizer<OptimizerConfig> {
  const resolved = resolveOptimizer(optimizer);
  if (clip) checkClip(clip);
  if (typeof averageDecay === 'number') checkRange('averageDecay', averageDecay, DECAY_RATE);
  return resolved;
}

/**
 * Names of the arrays that are kept for every parameter beside its weights, all zero before the first step.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function updateSlots(rule: UpdateRule): readonly string[] {
  const slots = resolveRule(rule).slots(rule.optimizer);
  return hasAverage(rule) ? [...slots, AVERAGE_SLOT] : slots;
}

/** Names of the run-time scalars of a step's update. */
export function scalarNames(rule: UpdateRule): readonly string[] {
  const names = resolveRule(rule).scalars(rule.optimizer);
  return hasAverage(rule) ? [...names, AVERAGE_DECAY, AVERAGE_SHARE] : names;
}

/**
 * Values of the step's run-time scalars, computed in float64.
 *
 * @param at.step - number of the update, from 1
 * @returns one number for each name in `TrainingStep.scalars`
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function updateScalars(
  rule: UpdateRule,
  at: StepPosition,
): Readonly<Record<string, number>> {
  const optimizer = resolveRule(rule);
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
  const values = optimizer.scalarValues(rule.optimizer, at);
  if (!hasAverage(rule)) return values;
  const decay = at.step === 1 ? 0 : (rule.averageDecay ?? 0);
  return { ...values, [AVERAGE_DECAY]: decay, [AVERAGE_SHARE]: 1 - decay };
}

/**
 * The scalar that gradients may come multiplied by; `null` where they are needed as they are.
 *
 * Clipping looks at the gradients themselves.
 */
export function gradientScale(rule: UpdateRule): string | null {
  return rule.clip ? null : resolveRule(rule).gradientScale(rule.optimizer);
}

export function hasAverage({ averageDecay }: UpdateRule): boolean {
  return typeof averageDecay === 'number';
}

/** average ← decay · average + (1 − decay) · weight */
export function addAverage(
  builder: OnnxBuilder,
  { weight, average, output }: Readonly<Record<'weight' | 'average', Value>> & { output: string },
): void {
  builder.op(
    'Add',
    [builder.op('Mul', [average, AVERAGE_DECAY]), builder.op('Mul', [weight, AVERAGE_SHARE])],
    {},
    { output },
  );
}
