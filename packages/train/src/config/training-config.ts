import {
  type GradientClip,
  type OptimizerConfig,
  type ParameterFactors,
  updateSlots,
} from '@alexnet/autodiff';
import {
  AlexNetError,
  INIT_SCHEMES,
  type InitScheme,
  type JsonReader,
  readJson,
} from '@alexnet/core';
import {
  AUGMENTATION_NAMES,
  type AugmentationName,
  checkMixing,
  MIXING_KINDS,
  type Mixing,
} from '@alexnet/data';
import { checkSchedule, type ScheduleConfig } from '../schedule/schedule.ts';
import { parseOptimizer, parseSchedule } from './parse-rules.ts';

/**
 * Every setting of a training, resolved: with the data set and the initial weights it decides the result
 * to the last bit. It is what `config.json` of a run folder holds. {@link completeTrainingConfig} fills in
 * what is left out.
 */
export interface TrainingConfig {
  /** Of weights, split, order, augmentation and dropout. */
  readonly seed: number;
  readonly init: InitScheme;
  /** Pictures of a step. */
  readonly batchSize: number;
  /** Parts of a step's pictures that are computed one after another; 1 for all at once. */
  readonly microBatches: number;
  /** Passes over the training pictures. */
  readonly epochs: number;
  /** Ends earlier, after this many steps; `null` for no limit. */
  readonly maxSteps: number | null;
  /** The peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleConfig;
  readonly optimizer: OptimizerConfig;
  readonly clip: GradientClip | null;
  /** Share of the weights' moving average that stays in a step; `null` for none. Validation uses the average. */
  readonly averageDecay: number | null;
  /** Factors of the learning rate and the decay, by parameter. */
  readonly factors: Readonly<Record<string, ParameterFactors>>;
  /** Share of each target that goes to all classes alike. */
  readonly labelSmoothing: number;
  /** One weight for each class; `null` for 1. */
  readonly classWeights: readonly number[] | null;
  readonly augmentation: AugmentationName;
  readonly mixing: Mixing | null;
  /** Names of the parameters that do not learn. */
  readonly frozen: readonly string[];
  /** The epoch, from 1, with which they begin to; `null` for never. */
  readonly unfreezeAt: number | null;
  /** Epochs between checkpoints; the best epoch so far and the end have one at any rate. */
  readonly checkpointEpochs: number;
  /** Steps between checkpoints within an epoch; `null` for none. */
  readonly checkpointSteps: number | null;
  /** Minutes after which a checkpoint is written if none was; `null` for any number. */
  readonly checkpointMinutes: number | null;
}

/** What a setting is where nothing is said of it. */
const DEFAULTS: TrainingConfig = {
  seed: 0,
  init: 'he',
  batchSize: 32,
  microBatches: 1,
  epochs: 10,
  maxSteps: null,
  learningRate: 0.01,
  schedule: { kind: 'one-cycle', rise: 0.25 },
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 },
  clip: null,
  averageDecay: null,
  factors: {},
  labelSmoothing: 0,
  classWeights: null,
  augmentation: 'none',
  mixing: null,
  frozen: [],
  unfreezeAt: null,
  checkpointEpochs: 1,
  checkpointSteps: null,
  checkpointMinutes: null,
};

/**
 * Fills in the settings that are left out: ten epochs of stochastic gradient descent with a one-cycle rate,
 * without any extras.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function completeTrainingConfig(settings: Partial<TrainingConfig>): TrainingConfig {
  const config = { ...DEFAULTS, ...settings };
  checkTrainingConfig(config);
  return config;
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the setting, what it is and what it should be */
export function checkTrainingConfig(config: TrainingConfig): void {
  const check = (legal: boolean, name: keyof TrainingConfig, expected: string) => {
    if (legal) return;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${name} is ${show(config[name])}; it should be ${expected}.`,
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
  for (const name of ['checkpointSteps', 'unfreezeAt'] as const) {
    const value = config[name];
    check(value === null || isCount(value), name, 'a whole number of at least 1');
  }
  check(isCount(config.checkpointEpochs), 'checkpointEpochs', 'a whole number of at least 1');
  const { checkpointMinutes: minutes } = config;
  check(
    minutes === null || (Number.isFinite(minutes) && minutes > 0),
    'checkpointMinutes',
    'a number above 0',
  );
  check(
    isCount(config.microBatches) && config.batchSize % config.microBatches === 0,
    'microBatches',
    `a whole number that divides the batch size of ${config.batchSize}`,
  );
  check(
    config.labelSmoothing >= 0 && config.labelSmoothing < 1,
    'labelSmoothing',
    'at least 0 and below 1',
  );
  check(
    config.classWeights === null ||
      (config.classWeights.every((weight) => Number.isFinite(weight) && weight >= 0) &&
        config.classWeights.some((weight) => weight > 0)),
    'classWeights',
    'numbers of at least 0, one of them above',
  );
  check(
    AUGMENTATION_NAMES.includes(config.augmentation),
    'augmentation',
    `one of ${AUGMENTATION_NAMES.join(', ')}`,
  );
  checkSchedule(config.schedule);
  if (config.mixing) checkMixing(config.mixing);
  updateSlots({
    optimizer: config.optimizer,
    clip: config.clip,
    averageDecay: config.averageDecay,
  });
}

/** As in JSON, which has no word for NaN and infinity. */
function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** Reads a configuration from untrusted JSON. @throws `INVALID_CHECKPOINT` naming the field */
export function parseTrainingConfig(value: unknown): TrainingConfig {
  const json = readJson(value, {
    code: 'INVALID_CHECKPOINT',
    what: 'The training configuration',
    hint: 'It decides the result, so that nothing in it is guessed. Take the weights along: alexnet train DATA --from RUN',
  });
  const countOrNull = (name: string) => orNull(json.field(name), (field) => field.integer(1));
  const config: TrainingConfig = {
    seed: json.field('seed').integer(),
    init: json.field('init').oneOf(INIT_SCHEMES),
    batchSize: json.field('batchSize').integer(1),
    microBatches: json.field('microBatches').integer(1),
    epochs: json.field('epochs').integer(1),
    maxSteps: countOrNull('maxSteps'),
    learningRate: json.field('learningRate').number(),
    schedule: parseSchedule(json.field('schedule')),
    optimizer: parseOptimizer(json.field('optimizer')),
    clip: orNull(json.field('clip'), (clip) => ({
      by: clip.field('by').oneOf(['norm', 'value']),
      limit: clip.field('limit').number(),
    })),
    averageDecay: orNull(json.field('averageDecay'), (decay) => decay.number()),
    factors: parseFactors(json.field('factors')),
    labelSmoothing: json.field('labelSmoothing').number(),
    classWeights: orNull(json.field('classWeights'), (weights) =>
      weights.items().map((weight) => weight.number()),
    ),
    augmentation: json.field('augmentation').oneOf(AUGMENTATION_NAMES),
    mixing: orNull(json.field('mixing'), (mixing) => ({
      kind: mixing.field('kind').oneOf(MIXING_KINDS),
      alpha: mixing.field('alpha').number(),
    })),
    frozen: json
      .field('frozen')
      .items()
      .map((name) => name.string()),
    unfreezeAt: countOrNull('unfreezeAt'),
    checkpointEpochs: json.field('checkpointEpochs').integer(1),
    checkpointSteps: countOrNull('checkpointSteps'),
    checkpointMinutes: orNull(json.field('checkpointMinutes'), (minutes) => minutes.number()),
  };
  checkTrainingConfig(config);
  return config;
}

function parseFactors(json: JsonReader): TrainingConfig['factors'] {
  return Object.fromEntries(
    json.entries().map(([name, factors]) => [
      name,
      {
        learningRate: factors.field('learningRate').number(),
        weightDecay: factors.field('weightDecay').number(),
      },
    ]),
  );
}

function orNull<Value>(json: JsonReader, read: (json: JsonReader) => Value): Value | null {
  return json.value() === null ? null : read(json);
}
