import { AlexNetError } from '@alexnet/core';

/** How the learning rate moves over a training; the configured rate is its peak. */
export type ScheduleConfig =
  | { readonly kind: 'constant' }
  /** Multiplied by `factor` after every `epochs` epochs. */
  | { readonly kind: 'step'; readonly epochs: number; readonly factor: number }
  /** Half a cosine from the peak to 0. */
  | { readonly kind: 'cosine' }
  /**
   * Rises linearly from a tenth of the peak over the first `warmup` share of the steps, then falls on half
   * a cosine to a thousandth of it.
   *
   * @see Smith & Topin 2018, "Super-convergence"
   */
  | { readonly kind: 'one-cycle'; readonly warmup: number };

export const SCHEDULE_KINDS = ['one-cycle', 'cosine', 'step', 'constant'] as const;
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];

const ONE_CYCLE_START = 0.1;
const ONE_CYCLE_END = 0.001;

/** A schedule by its name, with the numbers that are usual for it. */
export function defaultSchedule(kind: ScheduleKind, epochs: number): ScheduleConfig {
  switch (kind) {
    case 'constant':
    case 'cosine':
      return { kind };
    case 'step':
      return { kind, epochs: Math.max(1, Math.ceil(epochs / 3)), factor: 0.1 };
    case 'one-cycle':
      return { kind, warmup: 0.25 };
    default:
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `Unknown schedule "${String(kind satisfies never)}".`,
        hint: `Use one of ${SCHEDULE_KINDS.join(', ')}.`,
      });
  }
}

export interface ScheduleMoment {
  /** From 1. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

/** The factor of the peak learning rate at a step, 0 to 1. */
export function scheduleFactor(
  schedule: ScheduleConfig,
  { step, totalSteps, stepsPerEpoch }: ScheduleMoment,
): number {
  const progress = (step - 1) / Math.max(1, totalSteps);
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** Math.floor((step - 1) / stepsPerEpoch / schedule.epochs);
    case 'cosine':
      return halfCosine(progress);
    case 'one-cycle': {
      const { warmup } = schedule;
      if (progress < warmup) {
        return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * (progress / warmup);
      }
      const fall = halfCosine((progress - warmup) / (1 - warmup));
      return ONE_CYCLE_END + (1 - ONE_CYCLE_END) * fall;
    }
    default:
      return schedule satisfies never;
  }
}

/** 1 at 0, 0 at 1. */
function halfCosine(progress: number): number {
  return (1 + Math.cos(Math.PI * progress)) / 2;
}
