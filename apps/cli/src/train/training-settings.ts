import { availableParallelism } from 'node:os';
import { AlexNetError, type Network, type PresetOptions } from '@alexnet/core';
import {
  completeTrainingConfig,
  defaultSchedule,
  type ScheduleConfig,
  type TrainingConfig,
} from '@alexnet/train';
import { fingerprint, type TrainingData } from '../data/open-data.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import { configureOptimizer, nameOptimizer, usualLearningRate } from './optimizers.ts';
import { adaptToPreset, chooseRecipe, type Recipe, scaleLearningRate } from './recipe.ts';
import type { RunConfig } from './run-config.ts';
import type { TrainCommandOptions } from './train-options.ts';

/** Every setting of a new run: the user's own, else those of the recipe for these pictures. */
export function resolveConfig(
  path: string,
  {
    data,
    own,
    options,
    seed,
    validation,
  }: {
    data: TrainingData;
    /** The user's own network; `null` for a preset or a model. */
    own: Network | null;
    options: TrainCommandOptions;
    seed: number;
    validation: number | string;
  },
): RunConfig {
  const chosen = chooseRecipe(data.training);
  const recipe = adaptToPreset(chosen, options.preset ?? chosen.preset);
  const preset = own || options.from !== undefined ? null : (options.preset ?? recipe.preset);
  const { labels } = data.training;
  return {
    version: 1,
    data: {
      path,
      validation,
      fingerprint: fingerprint(data.training),
      trainingPictures: data.training.length,
      validationPictures: data.validation?.length ?? 0,
    },
    network: {
      preset,
      options: preset === null ? {} : resolvePresetOptions(options, recipe),
      from: options.from === undefined ? null : resolvePath(options.from),
      own,
      freeze: options.freeze ?? [],
      reinit: options.reinit ?? [],
      lrMult: options.lrMult ?? [],
      decayMult: options.decayMult ?? [],
    },
    labels,
    training: resolveTraining(options, recipe, { seed, data }),
    threads: options.threads ?? availableParallelism(),
  };
}

/** The pictures' size goes to the recipe's own preset; the others have an input that they are known for. */
function resolvePresetOptions(
  { preset, inputSize, width, dropout }: TrainCommandOptions,
  recipe: Recipe,
): PresetOptions {
  const isChosen = preset === undefined;
  return {
    ...(isChosen || preset === recipe.preset ? recipe.fit : {}),
    ...(isChosen ? recipe.network : {}),
    ...(inputSize === undefined ? {} : { inputSize }),
    ...(width === undefined ? {} : { widthMultiplier: width }),
    ...(dropout === undefined ? {} : { dropout }),
  };
}

function resolveTraining(
  options: TrainCommandOptions,
  recipe: Recipe,
  { seed, data }: { readonly seed: number; readonly data: TrainingData },
): TrainingConfig {
  const name = options.optimizer ?? 'sgd';
  const epochs = options.epochs ?? recipe.epochs;
  const batchSize = Math.min(options.batchSize ?? recipe.batchSize, data.training.length);
  return completeTrainingConfig({
    seed,
    init: options.init ?? recipe.init,
    batchSize,
    microBatches: options.microBatches ?? 1,
    epochs,
    maxSteps: options.maxSteps ?? null,
    learningRate:
      options.learningRate ?? usualLearningRate(name) ?? scaleLearningRate(recipe, batchSize),
    schedule: resolveSchedule(options, recipe, epochs),
    optimizer: configureOptimizer(name, options),
    clip: resolveClip(options),
    averageDecay: options.averageDecay ?? null,
    labelSmoothing: options.labelSmoothing ?? 0,
    classWeights: resolveClassWeights(options, data.training),
    augmentation: options.augment ?? recipe.augmentation,
    mixing: resolveMixing(options),
    checkpointSteps: options.checkpointSteps ?? null,
  });
}

function resolveSchedule(
  { schedule, milestones, warmup }: TrainCommandOptions,
  recipe: Recipe,
  epochs: number,
): ScheduleConfig {
  if (milestones && schedule !== 'multistep') {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: '--milestones are those of the schedule multistep.',
      hint: `Add --schedule multistep, or leave them out.`,
    });
  }
  const usual = defaultSchedule(schedule ?? recipe.schedule, epochs);
  const shape = usual.kind === 'multistep' && milestones ? { ...usual, epochs: milestones } : usual;
  return warmup ? { ...shape, warmupEpochs: warmup } : shape;
}

function resolveClip({ clipNorm, clipValue }: TrainCommandOptions): TrainingConfig['clip'] {
  if (clipNorm !== undefined) return { by: 'norm', limit: clipNorm };
  return clipValue === undefined ? null : { by: 'value', limit: clipValue };
}

function resolveMixing({ mixup, cutmix }: TrainCommandOptions): TrainingConfig['mixing'] {
  if (mixup !== undefined) return { kind: 'mixup', alpha: mixup };
  return cutmix === undefined ? null : { kind: 'cutmix', alpha: cutmix };
}

/** `balanced`: in proportion to 1 / pictures, so that each class counts as much as another. */
function resolveClassWeights(
  { classWeights }: TrainCommandOptions,
  dataset: TrainingData['training'],
): readonly number[] | null {
  if (classWeights === undefined) return null;
  const { labels, length } = dataset;
  if (classWeights === 'balanced') {
    const counts = labels.map(() => 0);
    for (let index = 0; index < length; index++) {
      const label = dataset.labelOf(index);
      counts[label] = (counts[label] ?? 0) + 1;
    }
    return counts.map((count) => (count === 0 ? 0 : length / (labels.length * count)));
  }
  if (classWeights.length !== labels.length) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `--class-weights has ${classWeights.length} numbers for ${labels.length} classes.`,
      hint: `One for each class, in this order: ${labels.slice(0, 20).join(', ')}. Or "balanced".`,
    });
  }
  return classWeights;
}

/** The options that decide the result, as far as the user gave them, by their names. */
export function givenSettings(options: TrainCommandOptions): Readonly<Record<string, unknown>> {
  const {
    resume: _resume,
    json: _json,
    dryRun: _dryRun,
    findLearningRate: _findLearningRate,
    out: _out,
    // Compared by what is in the file, not by its name.
    network: _network,
    // Resolved by the pictures, which are compared themselves.
    classWeights: _classWeights,
    from,
    validation,
    ...settings
  } = options;
  return Object.fromEntries(
    Object.entries({
      ...settings,
      ...(from === undefined ? {} : { from: resolvePath(from) }),
      validation,
    })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [toOptionName(name), value]),
  );
}

/** What a run was started with, by the same names. */
export function storedSettings({
  training,
  network,
  data,
  threads,
}: RunConfig): Readonly<Record<string, unknown>> {
  const { optimizer, schedule } = training;
  const settings = {
    preset: network.preset,
    from: network.from,
    freeze: network.freeze,
    reinit: network.reinit,
    inputSize: network.options.inputSize,
    width: network.options.widthMultiplier,
    dropout: network.options.dropout,
    init: training.init,
    epochs: training.epochs,
    maxSteps: training.maxSteps,
    batchSize: training.batchSize,
    microBatches: training.microBatches,
    optimizer: nameOptimizer(optimizer),
    learningRate: training.learningRate,
    momentum: 'momentum' in optimizer ? optimizer.momentum : undefined,
    weightDecay: optimizer.weightDecay,
    lrMult: network.lrMult,
    decayMult: network.decayMult,
    clipNorm: training.clip?.by === 'norm' ? training.clip.limit : undefined,
    clipValue: training.clip?.by === 'value' ? training.clip.limit : undefined,
    averageDecay: training.averageDecay,
    schedule: schedule.kind,
    milestones: schedule.kind === 'multistep' ? schedule.epochs : undefined,
    warmup: schedule.warmupEpochs ?? 0,
    labelSmoothing: training.labelSmoothing,
    mixup: training.mixing?.kind === 'mixup' ? training.mixing.alpha : undefined,
    cutmix: training.mixing?.kind === 'cutmix' ? training.mixing.alpha : undefined,
    augment: training.augmentation,
    validation: data.validation,
    seed: training.seed,
    threads,
    checkpointSteps: training.checkpointSteps,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [toOptionName(name), value]),
  );
}

/** `--batch-size` of `batchSize` */
function toOptionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
