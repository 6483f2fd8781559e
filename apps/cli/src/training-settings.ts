import { availableParallelism } from 'node:os';
import type { PresetOptions } from '@alexnet/core';
import { defaultSchedule, type TrainingConfig } from '@alexnet/train';
import { fingerprint, type TrainingData } from './open-data.ts';
import {
  adaptToPreset,
  chooseRecipe,
  OPTIMIZERS,
  type Recipe,
  scaleLearningRate,
} from './recipe.ts';
import { resolvePath } from './resolve-path.ts';
import type { RunConfig } from './run-config.ts';
import type { TrainCommandOptions } from './train-options.ts';

/** Every setting of a new run: the user's own, else those of the recipe for these pictures. */
export function resolveConfig(
  path: string,
  {
    data,
    options,
    seed,
    validation,
  }: {
    data: TrainingData;
    options: TrainCommandOptions;
    seed: number;
    validation: number | string;
  },
): RunConfig {
  const chosen = chooseRecipe(data.training);
  const recipe = adaptToPreset(chosen, options.preset ?? chosen.preset);
  const preset = options.from === undefined ? (options.preset ?? recipe.preset) : null;
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
    },
    labels,
    training: resolveTraining(options, recipe, { seed, pictures: data.training.length }),
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
  { seed, pictures }: { readonly seed: number; readonly pictures: number },
): TrainingConfig {
  const kind = options.optimizer ?? 'sgd';
  const epochs = options.epochs ?? recipe.epochs;
  const weightDecay = options.weightDecay ?? OPTIMIZERS[kind].weightDecay;
  const { beta1, beta2, epsilon } = OPTIMIZERS.adam;
  const batchSize = Math.min(options.batchSize ?? recipe.batchSize, pictures);
  return {
    seed,
    init: options.init ?? recipe.init,
    batchSize,
    epochs,
    maxSteps: options.maxSteps ?? null,
    learningRate:
      options.learningRate ??
      (kind === 'adam' ? OPTIMIZERS.adam.learningRate : scaleLearningRate(recipe, batchSize)),
    schedule: defaultSchedule(options.schedule ?? recipe.schedule, epochs),
    optimizer:
      kind === 'adam'
        ? { kind, beta1, beta2, epsilon, weightDecay }
        : { kind, momentum: options.momentum ?? OPTIMIZERS.sgd.momentum, weightDecay },
    augmentation: options.augment ?? recipe.augmentation,
    frozen: [],
    checkpointSteps: options.checkpointSteps ?? null,
  };
}

/** The options that decide the result, as far as the user gave them, by their names. */
export function givenSettings(options: TrainCommandOptions): Readonly<Record<string, unknown>> {
  const {
    resume: _resume,
    json: _json,
    dryRun: _dryRun,
    out: _out,
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
  const { optimizer } = training;
  const settings = {
    preset: network.preset,
    from: network.from,
    inputSize: network.options.inputSize,
    width: network.options.widthMultiplier,
    dropout: network.options.dropout,
    init: training.init,
    epochs: training.epochs,
    maxSteps: training.maxSteps,
    batchSize: training.batchSize,
    optimizer: optimizer.kind,
    learningRate: training.learningRate,
    momentum: optimizer.kind === 'sgd' ? optimizer.momentum : undefined,
    weightDecay: optimizer.weightDecay,
    schedule: training.schedule.kind,
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
