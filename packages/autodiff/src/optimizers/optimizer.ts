import { AlexNetError, type Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import type { AddStage, Gradient } from '../gradient.ts';

/** How one update rule becomes ONNX operators. */
export interface Optimizer<Config> {
  /** @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the field, its value and its range. */
  check(config: Config): void;
  /** Arrays that are kept for each parameter between steps, all zero at first. */
  slots(config: Config): readonly string[];
  /** Names of the run-time scalars that the rule reads. */
  scalars(config: Config): readonly string[];
  /** Their values for one step, computed in float64. */
  scalarValues(config: Config, at: StepPosition): Readonly<Record<string, number>>;
  /**
   * The scalar by which gradients come multiplied: it goes into the gradient of the loss, where it costs
   * one product on [N, classes] instead of one on every parameter. `null` for a rule that needs them as
   * they are.
   */
  gradientScale(config: Config): string | null;
  /** Whether a number's update depends on its own gradient alone: a parameter may then come in parts. */
  readonly isElementwise: boolean;
  /**
   * Adds the update of one parameter. Every operator that writes an output must be elementwise, so that the
   * output may lie in the buffer of the input that it replaces.
   */
  update(builder: OnnxBuilder, config: Config, operands: UpdateOperands): void;
}

export interface StepPosition {
  /** Number of this update, from 1. */
  readonly step: number;
  readonly learningRate: number;
}

export interface UpdateOperands {
  readonly shape: Shape;
  readonly weight: Value;
  /** Multiplied by `gradientScale` and the parameter's own factor of the learning rate, where the rule has one. */
  readonly gradient: Gradient;
  /** Share of the weight that is added to its gradient: the configuration's, times the parameter's own factor. */
  readonly weightDecay: number;
  slot(name: string): Value;
  scalar(name: string): Value;
  /** For an array that may be written over before its new value is there; `null` where none may. */
  addStageOf(slot: string): AddStage | null;
  /** A scalar that is proportional to the learning rate, times the parameter's own factor and `factor`. */
  rate(name: string, factor?: number): Value;
  /** Names that the results must have. */
  readonly outputs: {
    readonly weight: string;
    slot(name: string): string;
  };
}

export interface Range {
  readonly min: number;
  readonly max: number;
  /** Whether the ends are allowed. */
  readonly includes: { readonly min: boolean; readonly max: boolean };
}

/** 0 ≤ value < 1 */
export const DECAY_RATE: Range = { min: 0, max: 1, includes: { min: true, max: false } };
/** 0 ≤ value */
export const NOT_NEGATIVE: Range = {
  min: 0,
  max: Number.POSITIVE_INFINITY,
  includes: { min: true, max: false },
};
/** 0 < value */
export const POSITIVE: Range = { ...NOT_NEGATIVE, includes: { min: false, max: false } };

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` */
export function checkRange(name: string, value: number, { min, max, includes }: Range): void {
  const isInside =
    (includes.min ? value >= min : value > min) && (includes.max ? value <= max : value < max);
  if (typeof value === 'number' && isInside) return;
  const lower = `${min} ${includes.min ? '≤' : '<'} ${name}`;
  const upper = max === Number.POSITIVE_INFINITY ? '' : ` ${includes.max ? '≤' : '<'} ${max}`;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${name} is ${value}.`,
    hint: `Use a number with ${lower}${upper}.`,
    path: ['optimizer', name],
  });
}
