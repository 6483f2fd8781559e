import type { OptimizerConfig } from '@alexnet/autodiff';
import {
  AlexNetError,
  INIT_SCHEMES,
  type InitScheme,
  type JsonReader,
  readJson,
} from '@alexnet/core';
import { AUGMENTATION_NAMES, type AugmentationName } from '@alexnet/data';
import { SCHEDULE_KINDS, type ScheduleConfig } from './schedule.ts';

/**
 * Every setting of a training, resolved: with the data set and the initial weights it decides the result
 * to the last bit. It is what `config.json` of a run folder holds.
 */
export interface TrainingConfig {
  /** Of weights, split, order, augmentation and dropout. */
  readonly seed: number;
  readonly init: InitScheme;
  /** Pictures of a step. */
  readonly batchSize: number;
  /** Passes over the training pictures. */
  readonly epochs: number;
  /** Ends earlier, after this many steps; `null` for no limit. */
  readonly maxSteps: number | null;
  /** The peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleConfig;
  readonly optimizer: OptimizerConfig;
  readonly augmentation: AugmentationName;
  /** Names of the parameters that do not learn. */
  readonly frozen: readonly string[];
  /** Steps between checkpoints, beside the one at each epoch's end; `null` for none. */
  readonly checkpointSteps: number | null;
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the setting, what it is and what it should be */
export function checkTrainingConfig(config: TrainingConfig): void {
  const check = (legal: boolean, name: keyof TrainingConfig, expected: string) => {
    if (legal) return;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${name} is ${JSON.stringify(config[name])}; it should be ${expected}.`,
      hint: `See --help for the option and its default.`,
    });
  };
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
  check(isCount(config.batchSize), 'batchSize', 'a whole number of at least 1');
  check(isCount(config.epochs), 'epochs', 'a whole number of at least 1');
  check(
    config.maxSteps === null || isCount(config.maxSteps),
    'maxSteps',
    'a whole number of at least 1',
  );
  check(
    Number.isFinite(config.learningRate) && config.learningRate > 0,
    'learningRate',
    'a number above 0',
  );
  check(
    config.checkpointSteps === null || isCount(config.checkpointSteps),
    'checkpointSteps',
    'a whole number of at least 1',
  );
}

/** Reads a configuration from untrusted JSON. @throws `INVALID_CHECKPOINT` naming the field */
export function parseTrainingConfig(value: unknown): TrainingConfig {
  const json = readJson(value, { code: 'INVALID_CHECKPOINT', what: 'The training configuration' });
  const countOrNull = (field: JsonReader) => (field.value() === null ? null : field.integer(1));
  const config: TrainingConfig = {
    seed: json.field('seed').integer(),
    init: json.field('init').oneOf(INIT_SCHEMES),
    batchSize: json.field('batchSize').integer(1),
    epochs: json.field('epochs').integer(1),
    maxSteps: countOrNull(json.field('maxSteps')),
    learningRate: json.field('learningRate').number(),
    schedule: parseSchedule(json.field('schedule')),
    optimizer: parseOptimizer(json.field('optimizer')),
    augmentation: json.field('augmentation').oneOf(AUGMENTATION_NAMES),
    frozen: json
      .field('frozen')
      .items()
      .map((name) => name.string()),
    checkpointSteps: countOrNull(json.field('checkpointSteps')),
  };
  checkTrainingConfig(config);
  return config;
}

function parseSchedule(json: JsonReader): ScheduleConfig {
  const kind = json.field('kind').oneOf(SCHEDULE_KINDS);
  switch (kind) {
    case 'step':
      return {
        kind,
        epochs: json.field('epochs').integer(1),
        factor: json.field('factor').number(),
      };
    case 'one-cycle':
      return { kind, warmup: json.field('warmup').number() };
    default:
      return { kind };
  }
}

function parseOptimizer(json: JsonReader): OptimizerConfig {
  const kind = json.field('kind').oneOf(['sgd', 'adam']);
  const weightDecay = json.field('weightDecay').number();
  if (kind === 'sgd') return { kind, momentum: json.field('momentum').number(), weightDecay };
  return {
    kind,
    beta1: json.field('beta1').number(),
    beta2: json.field('beta2').number(),
    epsilon: json.field('epsilon').number(),
    weightDecay,
  };
}
