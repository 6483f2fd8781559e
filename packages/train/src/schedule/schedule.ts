import { AlexNetError } from '@alexnet/core';

/** How the learning rate moves over a training; the configured rate is its peak. */
export type ScheduleConfig = ScheduleShape & {
  /**
   * Epochs over which the rate first rises linearly to its peak, none unless given; parts of an epoch are
   * allowed. The schedule begins when it is there.
   *
   * @see Goyal et al. 2017, §2.2 "gradual warmup"
   */
  readonly warmupEpochs?: number;
};

export type ScheduleShape =
  | { readonly kind: 'constant' }
  /** Multiplied by `factor` after every `epochs` epochs. */
  | { readonly kind: 'step'; readonly epochs: number; readonly factor: number }
  /** Multiplied by `factor` after each of these epochs, which rise. */
  | { readonly kind: 'multistep'; readonly epochs: readonly number[]; readonly factor: number }
  /** factor^(epochs passed / `epochs`), step by step: 0.99 and 10 give .99^(epoch / 10). */
  | { readonly kind: 'exponential'; readonly epochs: number; readonly factor: number }
  /** (1 − share of the training)^power, as Caffe's "poly". */
  | { readonly kind: 'polynomial'; readonly power: number }
  /** Half a cosine from the peak to 0. */
  | { readonly kind: 'cosine' }
  /**
   * Rises linearly from a tenth of the peak over the first `rise` share of the steps, then falls on half
   * a cosine to a thousandth of it.
   *
   * @see Smith & Topin 2018, "Super-convergence"
   */
  | { readonly kind: 'one-cycle'; readonly rise: number }
  /**
   * Multiplied by `factor` when the validation error has not improved for `patience` epochs, at most
   * `drops` times.
   *
   * @see Krizhevsky et al. 2012, §5: by hand, divided by 10, three times
   */
  | {
      readonly kind: 'plateau';
      readonly patience: number;
      readonly factor: number;
      readonly drops: number;
    };

export const SCHEDULE_KINDS = [
  'one-cycle',
  'cosine',
  'step',
  'multistep',
  'exponential',
  'polynomial',
  'plateau',
  'constant',
] as const;
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
    case 'multistep': {
      const at = (share: number) => Math.max(1, Math.round(epochs * share));
      return { kind, epochs: [...new Set([at(0.5), at(0.75)])], factor: 0.1 };
    }
    case 'exponential':
      return { kind, epochs: 10, factor: 0.99 };
    case 'polynomial':
      return { kind, power: 1 };
    case 'one-cycle':
      return { kind, rise: 0.25 };
    case 'plateau':
      return { kind, patience: Math.max(2, Math.ceil(epochs / 15)), factor: 0.1, drops: 3 };
    default:
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `Unknown schedule "${String(kind satisfies never)}".`,
        hint: `Use one of ${SCHEDULE_KINDS.join(', ')}.`,
      });
  }
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the number and its range */
export function checkSchedule(schedule: ScheduleConfig): void {
  const { warmupEpochs = 0 } = schedule;
  check('warmupEpochs', warmupEpochs, warmupEpochs >= 0, 'at least 0');
  switch (schedule.kind) {
    case 'step':
    case 'exponential':
      check('epochs', schedule.epochs, schedule.epochs > 0, 'above 0');
      checkFactor(schedule.factor);
      break;
    case 'multistep':
      for (const [i, epoch] of schedule.epochs.entries()) {
        const before = schedule.epochs[i - 1] ?? 0;
        check('milestone', epoch, epoch > before, `above ${before}, the one before`);
      }
      checkFactor(schedule.factor);
      break;
    case 'polynomial':
      check('power', schedule.power, schedule.power > 0, 'above 0');
      break;
    case 'one-cycle':
      check('rise', schedule.rise, schedule.rise > 0 && schedule.rise < 1, 'between 0 and 1');
      break;
    case 'plateau':
      check('patience', schedule.patience, schedule.patience >= 1, 'at least 1');
      check('drops', schedule.drops, schedule.drops >= 0, 'at least 0');
      checkFactor(schedule.factor);
      break;
    default:
      schedule.kind satisfies 'constant' | 'cosine';
  }
}

function checkFactor(factor: number): void {
  check('factor', factor, factor > 0 && factor <= 1, 'above 0 and at most 1');
}

function check(name: string, value: number, isLegal: boolean, range: string): void {
  if (isLegal && Number.isFinite(value)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The schedule's ${name} is ${value}; it should be ${range}.`,
    path: ['schedule', name],
  });
}

export interface ScheduleMoment {
  /** From 1. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** How often `plateau` has multiplied the rate so far. */
  readonly drops: number;
}

/** The factor of the peak learning rate at a step, above 0 and at most 1. */
export function scheduleFactor(schedule: ScheduleConfig, moment: ScheduleMoment): number {
  const { step, totalSteps, stepsPerEpoch } = moment;
  const warmupSteps = Math.round((schedule.warmupEpochs ?? 0) * stepsPerEpoch);
  if (step <= warmupSteps) return step / warmupSteps;
  return shapeFactor(schedule, {
    ...moment,
    step: step - warmupSteps,
    totalSteps: totalSteps - warmupSteps,
  });
}

function shapeFactor(
  shape: ScheduleShape,
  { step, totalSteps, stepsPerEpoch, drops }: ScheduleMoment,
): number {
  const progress = (step - 1) / Math.max(1, totalSteps);
  const epochs = (step - 1) / stepsPerEpoch;
  switch (shape.kind) {
    case 'constant':
      return 1;
    case 'step':
      return shape.factor ** Math.floor(epochs / shape.epochs);
    case 'multistep':
      return shape.factor ** shape.epochs.filter((epoch) => epochs >= epoch).length;
    case 'exponential':
      return shape.factor ** (epochs / shape.epochs);
    case 'polynomial':
      return (1 - progress) ** shape.power;
    case 'cosine':
      return halfCosine(progress);
    case 'one-cycle': {
      const { rise } = shape;
      if (progress < rise) return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * (progress / rise);
      const fall = halfCosine((progress - rise) / (1 - rise));
      return ONE_CYCLE_END + (1 - ONE_CYCLE_END) * fall;
    }
    case 'plateau':
      return shape.factor ** drops;
    default:
      return shape satisfies never;
  }
}

/** 1 at 0, 0 at 1. */
function halfCosine(progress: number): number {
  return (1 + Math.cos(Math.PI * progress)) / 2;
}

/** What `plateau` remembers between epochs. */
export interface PlateauState {
  /** The smallest validation error so far, a share; `null` before the first epoch. */
  readonly best: number | null;
  /** Epochs since then, or since the last drop. */
  readonly epochsSince: number;
  readonly drops: number;
}

export const PLATEAU_START: PlateauState = { best: null, epochsSince: 0, drops: 0 };

/** Where a plateau stands after one more epoch with this validation error. */
export function observeEpoch(
  { best, epochsSince, drops }: PlateauState,
  error: number,
  { patience, drops: mostDrops }: Extract<ScheduleShape, { kind: 'plateau' }>,
): PlateauState {
  if (best === null || error < best) return { best: error, epochsSince: 0, drops };
  if (epochsSince + 1 < patience || drops >= mostDrops) {
    return { best, epochsSince: epochsSince + 1, drops };
  }
  return { best, epochsSince: 0, drops: drops + 1 };
}
