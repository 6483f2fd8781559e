import { availableParallelism } from 'node:os';
import { AlexNetError, type Network, type PresetOptions } from '@alexnet/core';
import { AUGMENTATIONS } from '@alexnet/data';
import {
  completeTrainingConfig,
  defaultSchedule,
  type ScheduleConfig,
  type TrainingConfig,
} from '@alexnet/train';
import { fingerprint, type TrainingData } from '../data/open-data.ts';
import { pickSource } from '../data/source-options.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { EngineChoice } from './engine-choice.ts';
import {
  configureOptimizer,
  nameOptimizer,
  type OptimizerName,
  usualLearningRate,
} from './optimizers.ts';
import {
  adaptToOwn,
  adaptToPreset,
  chooseRecipe,
  type Recipe,
  scaleLearningRate,
} from './recipe.ts';
import { RUN_CONFIG_VERSION, type RunConfig } from './run-config.ts';
import type { TrainCommandOptions } from './train-options.ts';

/** Every setting of a new run: the user's own, else those of the recipe for these pictures. */
export function resolveConfig(
  path: string,
  {
    data,
    own,
    options,
    engine,
    seed,
    validation,
  }: {
    data: TrainingData;
    /** The user's own network; `null` for a preset or a model. */
    own: Network | null;
    options: TrainCommandOptions;
    engine: EngineChoice;
    seed: number;
    validation: number | string;
  },
): RunConfig {
  const chosen = chooseRecipe(data.training);
  const isOwn = own !== null || options.from !== undefined;
  const recipe = isOwn
    ? adaptToOwn(chosen)
    : adaptToPreset(chosen, options.preset ?? chosen.preset);
  const preset = isOwn ? null : (options.preset ?? recipe.preset);
  const { labels } = data.training;
  return {
    version: RUN_CONFIG_VERSION,
    data: {
      path,
      validation,
      source: pickSource(options),
      fingerprint: fingerprint(data.training),
      trainingPictures: data.training.length,
      validationPictures: data.validation?.length ?? 0,
      colours: null,
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
      mean: null,
    },
    labels,
    training: resolveTraining(options, recipe, { seed, data }),
    checkpoints: { keep: options.keep ?? 1, keepEvery: options.keepEvery ?? null },
    featureVariants: resolveFeatures(options),
    engine,
    convolutions: null,
    threads: options.threads ?? availableParallelism(),
  };
}

/**
 * Whether the frozen layers' features are kept, and of how many variants of a picture: where pictures are varied,
 * only if the user says so, because it is not the same.
 */
function resolveFeatures({
  freeze,
  augment = 'none',
  mixup,
  cutmix,
  featureVariants,
  featureCache,
}: TrainCommandOptions): number | null {
  const isVaried = augment !== 'none';
  // Its colours are measured when the training starts.
  const hasNoise = AUGMENTATIONS[augment].colourNoise !== null;
  if (!freeze || mixup !== undefined || cutmix !== undefined || hasNoise) return null;
  if (featureCache === false) return null;
  return featureVariants ?? (isVaried ? null : 1);
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
    optimizer: configureOptimizer(name, {
      ...options,
      weightDecay: options.weightDecay ?? usualDecay(name, recipe),
    }),
    clip: resolveClip(options, name, recipe),
    averageDecay: options.averageDecay ?? null,
    labelSmoothing: options.labelSmoothing ?? 0,
    classWeights: resolveClassWeights(options, data.training),
    augmentation: options.augment ?? (options.freeze ? 'none' : recipe.augmentation),
    mixing: resolveMixing(options, recipe),
    unfreezeAt: options.unfreezeAt ?? null,
    checkpointEpochs: options.checkpointEpochs ?? 1,
    checkpointSteps: options.checkpointSteps ?? null,
    checkpointMinutes: options.checkpointMinutes ?? null,
  });
}

/** The recipe's, which was chosen with plain descent. */
function usualDecay(name: OptimizerName, { weightDecay }: Recipe): number | undefined {
  return name === 'sgd' ? (weightDecay ?? undefined) : undefined;
}

function resolveSchedule(
  { schedule, milestones, warmup }: TrainCommandOptions,
  recipe: Recipe,
  epochs: number,
): ScheduleConfig {
  const usual = defaultSchedule(schedule ?? recipe.schedule, epochs);
  const shape = usual.kind === 'multistep' && milestones ? { ...usual, epochs: milestones } : usual;
  return warmup ? { ...shape, warmupEpochs: warmup } : shape;
}

/** A norm of 0 shortens nothing. The recipe's goes with its rate: the other rules take steps of one size anyhow. */
function resolveClip(
  { clipNorm, clipValue }: TrainCommandOptions,
  name: OptimizerName,
  recipe: Recipe,
): TrainingConfig['clip'] {
  if (clipValue !== undefined) return { by: 'value', limit: clipValue };
  const usual = usualLearningRate(name) === null ? recipe.clipNorm : null;
  const limit = clipNorm ?? usual ?? 0;
  return limit === 0 ? null : { by: 'norm', limit };
}

/** A share of 0 mixes nothing. */
function resolveMixing(
  { mixup, cutmix }: TrainCommandOptions,
  recipe: Recipe,
): TrainingConfig['mixing'] {
  if (mixup !== undefined) return mixup === 0 ? null : { kind: 'mixup', alpha: mixup };
  return cutmix === undefined ? recipe.mixing : { kind: 'cutmix', alpha: cutmix };
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
    // Whether it is kept does not change what it is.
    featureCache: _featureCache,
    featureCacheLimit: _featureCacheLimit,
    gradientHistograms: _gradientHistograms,
    // A run goes on with any.
    maxBad: _maxBad,
    engine: _engine,
    device: _device,
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
  convolutions,
  checkpoints,
  featureVariants,
}: RunConfig): Readonly<Record<string, unknown>> {
  const { optimizer, schedule } = training;
  const settings = {
    ...data.source,
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
    clipNorm: training.clip?.by === 'norm' ? training.clip.limit : 0,
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
    convolutions: convolutions === null ? 'counted' : 'measured',
    unfreezeAt: training.unfreezeAt,
    featureVariants,
    checkpointEpochs: training.checkpointEpochs,
    checkpointSteps: training.checkpointSteps,
    checkpointMinutes: training.checkpointMinutes,
    ...checkpoints,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [toOptionName(name), value]),
  );
}

/** `--batch-size` of `batchSize` */
function toOptionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
