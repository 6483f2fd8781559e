import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { AlexNetError, type Model, type PresetOptions } from '@alexnet/core';
import {
  type Checkpoint,
  defaultSchedule,
  type TrainingConfig,
  type TrainingProgress,
  toModel,
  train,
} from '@alexnet/train';
import {
  createRunFolder,
  createWorkerEngineFactory,
  openRunFolder,
  type RunFolder,
} from '@alexnet/train/node';
import type { TrainCommandOptions } from './commands/train.ts';
import { fingerprint, keepInMemory, openTrainingData, type TrainingData } from './open-data.ts';
import { chooseRecipe, OPTIMIZERS, type Recipe } from './recipe.ts';
import { callerFolder, resolvePath } from './resolve-path.ts';
import { checkSameSettings, parseRunConfig, type RunConfig } from './run-config.ts';
import { writeRunReport } from './run-report.ts';
import type { Terminal } from './terminal.ts';
import { createInitialModel, selectFrozen } from './training-network.ts';
import { createTrainingView, describePlan } from './training-view.ts';

interface Call {
  readonly options: TrainCommandOptions;
  readonly terminal: Terminal;
}

const DEFAULT_VALIDATION = 0.1;

/** `alexnet train DATA`: resolves every setting, makes the run folder and trains. */
export async function startRun(
  argument: string | undefined,
  { options, terminal }: Call,
): Promise<void> {
  if (argument === undefined) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: 'train needs DATA: a folder of pictures or idx files.',
      hint: 'Put the pictures of each class into a folder of their own: photos/cat, photos/dog. Then: alexnet train photos',
    });
  }
  const path = resolvePath(argument);
  const seed = options.seed ?? 0;
  const validation = options.validation ?? DEFAULT_VALIDATION;
  const data = await openTrainingData(path, { validation, seed, terminal });
  const draft = resolveConfig(path, { data, options, seed, validation });
  const model = await createInitialModel(draft, terminal);
  const frozen = selectFrozen(model.graph, options.freeze ?? []);
  const config: RunConfig = { ...draft, training: { ...draft.training, frozen } };
  for (const line of describePlan(config, model)) terminal.note(line);
  if (options.dryRun) return;
  const folder = await createRunFolder(
    options.out === undefined ? await nextRunFolder(config) : resolvePath(options.out),
    config,
  );
  await runTraining({ config, model, data, folder, terminal, json: options.json === true });
}

/** `alexnet train --resume RUN`: goes on from the last checkpoint with the settings of the run. */
export async function resumeRun(
  argument: string,
  { data: dataArgument, options, terminal }: Call & { readonly data: string | undefined },
): Promise<void> {
  const folder = await openRunFolder(resolvePath(argument));
  const config = parseRunConfig(await folder.readConfig());
  checkSameSettings(givenSettings(options), storedSettings(config));
  const path = dataArgument === undefined ? config.data.path : resolvePath(dataArgument);
  const { seed } = config.training;
  const data = await openTrainingData(path, { validation: config.data.validation, seed, terminal });
  if (fingerprint(data.training) !== config.data.fingerprint) {
    throw new AlexNetError('CONFIG_MISMATCH', {
      message: `The pictures in ${path} are not those that the run was started with: ${data.training.length} for training now, ${config.data.trainingPictures} then.`,
      hint: 'Restore the pictures, or start a new run; "--from RUN" takes the weights along.',
    });
  }
  const last = await folder.readCheckpoint('last');
  await folder.rewindMetrics(last?.checkpoint.progress.step ?? 0);
  const json = options.json === true;
  if (!last) {
    const model = await createInitialModel(config, terminal);
    await runTraining({ config, model, data, folder, terminal, json });
    return;
  }
  terminal.note(`Going on with ${folder.path} after step ${last.checkpoint.progress.step}.`);
  const { checkpoint } = last;
  await runTraining({
    config,
    model: toModel(checkpoint),
    data,
    folder,
    terminal,
    json,
    checkpoint,
  });
}

interface TrainingRun {
  readonly config: RunConfig;
  readonly model: Model;
  readonly data: TrainingData;
  readonly folder: RunFolder;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Where the run stood, if it goes on. */
  readonly checkpoint?: Checkpoint;
}

async function runTraining(run: TrainingRun): Promise<void> {
  const { config, model, data, folder, terminal, json, checkpoint } = run;
  const view = createTrainingView({ terminal, json, runFolder: folder.path });
  const { preprocessing } = model.metadata;
  const progress: { resumeFrom?: TrainingProgress } = checkpoint
    ? { resumeFrom: checkpoint.progress }
    : {};
  const events = train({
    graph: model.graph,
    metadata: {
      ...model.metadata,
      provenance: { ...model.metadata.provenance, source: basename(config.data.path) },
    },
    state: checkpoint?.state ?? model.weights,
    config: config.training,
    training: keepInMemory(data.training, preprocessing),
    ...(data.validation ? { validation: keepInMemory(data.validation, preprocessing) } : {}),
    createEngine: createWorkerEngineFactory({ threads: config.threads }),
    store: folder,
    ...progress,
  });
  for await (const event of events) view.show(event);
  const report = await writeRunReport({ config, data, folder });
  view.finish(report);
}

function resolveConfig(
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
  const recipe = chooseRecipe(data.training);
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
  { preset, inputSize, width }: TrainCommandOptions,
  recipe: Recipe,
): PresetOptions {
  const isChosen = preset === undefined;
  return {
    ...(isChosen || preset === recipe.preset ? recipe.fit : {}),
    ...(isChosen ? { widthMultiplier: recipe.widthMultiplier } : {}),
    ...(inputSize === undefined ? {} : { inputSize }),
    ...(width === undefined ? {} : { widthMultiplier: width }),
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
  return {
    seed,
    init: options.init ?? recipe.init,
    batchSize: Math.min(options.batchSize ?? recipe.batchSize, pictures),
    epochs,
    maxSteps: options.maxSteps ?? null,
    learningRate:
      options.learningRate ??
      (kind === 'adam' ? OPTIMIZERS.adam.learningRate : recipe.learningRate),
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
function givenSettings(options: TrainCommandOptions): Readonly<Record<string, unknown>> {
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

function storedSettings({
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

/** `runs/compact-3` after `runs/compact-2`. */
async function nextRunFolder({ network }: RunConfig): Promise<string> {
  const runs = join(callerFolder(), 'runs');
  const name = network.preset ?? 'tuned';
  const names = await readdir(runs).catch(() => []);
  const numbers = names.map((other) =>
    other.startsWith(`${name}-`) ? Number(other.slice(name.length + 1)) : 0,
  );
  const last = Math.max(0, ...numbers.filter((value) => Number.isSafeInteger(value)));
  return join(runs, `${name}-${last + 1}`);
}
