import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { AlexNetError, isAlexNetError, type Model } from '@alexnet/core';
import { selectParameters } from '@alexnet/core/transforms';
import type { Dataset } from '@alexnet/data';
import { createRenderThreads } from '@alexnet/data/node';
import { type TrainingEvent, toModel, train } from '@alexnet/train';
import {
  createRunFolder,
  type FeatureCache,
  openRunFolder,
  type Retention,
  type RunFolder,
  type TensorBoardStore,
} from '@alexnet/train/node';
import { checkShrinking } from '../data/check-shrinking.ts';
import { fingerprint, keepInMemory, openTrainingData } from '../data/open-data.ts';
import { createLog, pickSource } from '../data/source-options.ts';
import { locateFrom } from '../models/catalogue-file.ts';
import { isSameNetwork, readNetwork } from '../models/own-network.ts';
import { checkMeanOptions } from '../options/mean-options.ts';
import { formatCount } from '../terminal/format.ts';
import { listenForInterruption } from '../terminal/interruption.ts';
import { onMissing } from '../terminal/on-missing.ts';
import { callerFolder, resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkEpochs } from './check-epochs.ts';
import { checkOptions } from './check-options.ts';
import { checkRunPlace } from './check-run-place.ts';
import { chooseEngine, createEngineOf } from './choose-engine.ts';
import { describeClasses } from './class-notes.ts';
import { chooseConvolutions, describeConvolutions, isOnProcessor } from './convolutions.ts';
import { openRunFeatures } from './feature-cache.ts';
import type { TrainingRun } from './open-run.ts';
import { resolveFactors } from './parameter-factors.ts';
import { estimatePlan } from './plan-estimate.ts';
import { searchLearningRate } from './rate-search.ts';
import {
  checkSameSettings,
  countStepsPerEpoch,
  parseRunConfig,
  type RunConfig,
} from './run-config.ts';
import { writeRunReport } from './run-report.ts';
import { openRunStore } from './run-store.ts';
import type { TrainCommandOptions } from './train-options.ts';
import { centre } from './training-mean.ts';
import { createInitialModel } from './training-network.ts';
import { givenSettings, resolveConfig, storedSettings } from './training-settings.ts';
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
  checkOptions(options);
  checkMeanOptions(options);
  const path = resolvePath(argument);
  if (!options.dryRun && options.findLearningRate === undefined) {
    await checkRunPlace(path, options.out);
  }
  const seed = options.seed ?? 0;
  const validation = options.validation ?? DEFAULT_VALIDATION;
  const source = pickSource(options);
  const data = await openTrainingData(path, { validation, seed, terminal, source });
  const own = options.network === undefined ? null : await readNetwork(options.network);
  const located = await locateFrom(options, terminal);
  const engine = await chooseEngine(options, terminal);
  const draft = resolveConfig(path, { data, own, options: located, engine, seed, validation });
  checkEpochs(draft.training);
  const initial = await createInitialModel(draft, terminal);
  checkShrinking(data.training, initial.metadata.preprocessing);
  const frozen = selectParameters(initial.graph, draft.network.freeze);
  checkLearning(frozen, { draft, model: initial });
  const factors = resolveFactors(initial.graph, draft.network);
  const plan: RunConfig = { ...draft, training: { ...draft.training, frozen, factors } };
  for (const line of describePlan(plan, initial)) terminal.note(line);
  for (const line of describeClasses(data, plan.training)) terminal.note(line);
  const json = options.json === true;
  const { training } = data;
  const centred = await centre(plan, { model: initial, training, options, terminal });
  const { model } = centred;
  const wish = options.convolutions ?? 'counted';
  const convolutions = await chooseConvolutions(wish, { ...centred, terminal });
  const config: RunConfig = { ...centred.config, convolutions };
  if (convolutions !== null || (options.dryRun && isOnProcessor(config))) {
    terminal.note(describeConvolutions(config, model));
  }
  if (options.dryRun) {
    for (const line of await estimatePlan(config, { model, data, terminal })) terminal.note(line);
    return;
  }
  if (options.findLearningRate !== undefined) {
    const page = options.findLearningRate;
    return searchLearningRate({ config, model, data, page, json, terminal });
  }
  const folder = await createRunFolder(
    options.out === undefined ? await nextRunFolder(config) : resolvePath(options.out),
    config,
    retentionOf(config),
  );
  const lock = await folder.lock();
  try {
    await runTraining({ config, model, data, folder, terminal, ...ofThisCall(options) });
  } catch (error) {
    // Where it was stopped before its first step it can go on; where it failed there is nothing to go on with.
    if (!isAborted(error)) await folder.discardUnused();
    throw error;
  } finally {
    await lock.release();
  }
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` where nothing ever learns */
function checkLearning(
  frozen: readonly string[],
  { draft, model }: { readonly draft: RunConfig; readonly model: Model },
): void {
  const { freeze } = draft.network;
  if (draft.training.unfreezeAt !== null || frozen.length < model.graph.parameters.length) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `--freeze ${freeze.join(' ')} leaves nothing to learn: all ${frozen.length} parameters of ${model.graph.name} are frozen.`,
    hint: "Freeze fewer layers: --freeze 'conv*', or let them learn later: --unfreeze-at 2.",
  });
}

/** What changes nothing about the result, and is asked for anew when a run goes on. */
function ofThisCall({ json, gradientHistograms, featureCacheLimit }: TrainCommandOptions) {
  return {
    json: json === true,
    gradientHistograms: gradientHistograms === true,
    featureCacheLimit,
  };
}

/** Which checkpoints stay: the command counts in epochs, the folder in steps. */
function retentionOf(config: RunConfig): Retention {
  const { keep, keepEvery } = config.checkpoints;
  const everySteps = keepEvery === null ? null : keepEvery * countStepsPerEpoch(config);
  return { newest: keep, everySteps };
}

/** `alexnet train --resume RUN`: goes on from the last checkpoint with the settings of the run. */
export async function resumeRun(argument: string, call: ResumeCall): Promise<void> {
  const path = resolvePath(argument);
  const config = parseRunConfig(await (await openRunFolder(path)).readConfig());
  const folder = await openRunFolder(path, retentionOf(config));
  const lock = await folder.lock();
  try {
    await goOn(folder, config, call);
  } finally {
    await lock.release();
  }
}

/** What is seen of it without a list of the pictures then. */
function describeChange({ length, labels }: Dataset, { labels: before, data }: RunConfig): string {
  if (labels.join('\0') !== before.join('\0')) {
    return `the classes are ${labels.join(', ')} now, and were ${before.join(', ')}`;
  }
  if (length === data.trainingPictures) return 'some have other names, or another class';
  return `${formatCount(length)} for training now, ${formatCount(data.trainingPictures)} then`;
}

type ResumeCall = Call & { readonly data: string | undefined };

async function goOn(
  folder: RunFolder,
  before: RunConfig,
  { data: dataArgument, options, terminal }: ResumeCall,
): Promise<void> {
  const located = await locateFrom(options, terminal);
  checkSameSettings(givenSettings(located), storedSettings(before));
  await checkSameNetwork(options.network, before);
  const config = await changeEngine(folder, before, { options, terminal });
  const path = dataArgument === undefined ? config.data.path : resolvePath(dataArgument);
  const { seed } = config.training;
  const { validation, source } = config.data;
  const data = await openTrainingData(path, { validation, seed, terminal, source });
  if (fingerprint(data.training) !== config.data.fingerprint) {
    throw new AlexNetError('CONFIG_MISMATCH', {
      message: `The pictures in ${path} are not those that the run was started with: ${describeChange(data.training, config)}.`,
      hint: 'Restore the pictures, or start a new run; "--from RUN" takes the weights along.',
    });
  }
  const checkpoint = await folder.readLastCheckpoint();
  await folder.rewindMetrics(checkpoint?.progress.step ?? 0);
  if (checkpoint) {
    terminal.note(`Going on with ${folder.path} after step ${checkpoint.progress.step}.`);
  }
  await runTraining({
    config: {
      ...config,
      data: { ...config.data, path, source: { ...source, ...maxBadOf(options) } },
    },
    model: checkpoint ? toModel(checkpoint) : await createInitialModel(config, terminal),
    data,
    folder,
    terminal,
    ...ofThisCall(options),
    ...(checkpoint ? { checkpoint } : {}),
  });
}

/** How many pictures may be bad changes nothing about those that are not. */
function maxBadOf({ maxBad }: TrainCommandOptions): { readonly maxBad?: number } {
  return maxBad === undefined ? {} : { maxBad };
}

/** The configuration with the engine that the user wants now; the run remembers it. */
async function changeEngine(
  folder: RunFolder,
  config: RunConfig,
  { options, terminal }: Call,
): Promise<RunConfig> {
  const { engine = config.engine.name, device } = options;
  if (options.engine === undefined && device === undefined) return config;
  const wish = { engine, ...(device === undefined ? {} : { device }) };
  const changed = { ...config, engine: await chooseEngine(wish, terminal) };
  await folder.writeConfig(changed);
  return changed;
}

/** @throws {@link AlexNetError} `CONFIG_MISMATCH` if the file holds another network than the run's */
async function checkSameNetwork(file: string | undefined, { network }: RunConfig): Promise<void> {
  if (file === undefined) return;
  const wanted = await readNetwork(file);
  if (network.own && isSameNetwork(wanted, network.own)) return;
  throw new AlexNetError('CONFIG_MISMATCH', {
    message: `The run was started with ${network.own ? `another network "${network.own.graph.name}"` : (network.preset ?? network.from)} than the one in ${file}.`,
    hint: 'Leave --network out to go on as before, or start a new run with another --out.',
  });
}

async function runTraining(run: TrainingRun): Promise<void> {
  const { config, data, folder, terminal, json } = run;
  const view = createTrainingView({ terminal, json, runFolder: folder.path });
  const interruption = listenForInterruption(terminal);
  try {
    await takeSteps(run, { signal: interruption.signal, show: view.show });
  } catch (error) {
    throw nameWayOn(error, folder.path);
  } finally {
    view.stop();
    interruption.end();
  }
  view.finish(await writeRunReport({ config, data, folder }));
}

async function takeSteps(
  run: TrainingRun,
  { signal, show }: { readonly signal: AbortSignal; readonly show: (event: TrainingEvent) => void },
): Promise<void> {
  const { config, model, data, terminal, checkpoint, featureCacheLimit: limitBytes } = run;
  const { preprocessing, provenance } = model.metadata;
  const pictures = {
    training: keepInMemory(data.training, preprocessing),
    validation: data.validation && keepInMemory(data.validation, preprocessing),
  };
  const createEngine = createEngineOf(config);
  const renderer = createRenderThreads();
  let cache: FeatureCache | null = null;
  let store: TensorBoardStore | null = null;
  try {
    const stepsTaken = checkpoint?.progress.step ?? 0;
    const badPictures = createLog(
      { name: data.training.name, length: data.training.length + (data.validation?.length ?? 0) },
      config.data.source,
    );
    const means = { data: pictures, limitBytes, badPictures, renderer, terminal, signal };
    cache = await openRunFeatures({ config, model, stepsTaken, ...means });
    store = await openRunStore(run, { training: pictures.training, createEngine });
    const events = train({
      graph: model.graph,
      metadata: {
        ...model.metadata,
        provenance: { ...provenance, source: basename(config.data.path) },
      },
      state: checkpoint?.state ?? model.weights,
      config: config.training,
      training: pictures.training,
      badPictures,
      ...(pictures.validation ? { validation: pictures.validation } : {}),
      ...(config.data.colours ? { colours: config.data.colours } : {}),
      ...(cache ? { features: cache.features } : {}),
      createEngine,
      renderer,
      store,
      signal,
      ...(checkpoint ? { resumeFrom: checkpoint.progress } : {}),
    });
    for await (const event of events) show(event);
  } finally {
    await store?.close();
    await cache?.close();
    await renderer.dispose();
  }
}

function isAborted(error: unknown): error is AlexNetError {
  return isAlexNetError(error) && error.code === 'ABORTED';
}

/** A training that was stopped, and how to go on with it. */
function nameWayOn(error: unknown, run: string): unknown {
  if (!isAborted(error)) return error;
  const folder = relative(callerFolder(), run) || run;
  return new AlexNetError('ABORTED', {
    message: error.message,
    hint: `Nothing is lost. Go on with: alexnet train --resume ${folder}`,
    cause: error,
  });
}

/** `runs/compact-3` after `runs/compact-2`. */
async function nextRunFolder({ network }: RunConfig): Promise<string> {
  const runs = join(callerFolder(), 'runs');
  const name = network.preset ?? toFolderName(network.own?.graph.name ?? 'tuned');
  const names = await readdir(runs).catch(onMissing<string[]>([]));
  const numbers = names.map((other) =>
    other.startsWith(`${name}-`) ? Number(other.slice(name.length + 1)) : 0,
  );
  const last = Math.max(0, ...numbers.filter((value) => Number.isSafeInteger(value)));
  return join(runs, `${name}-${last + 1}`);
}

/** A network's name as that of a folder, anywhere. */
function toFolderName(name: string): string {
  const safe = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+|-+$/g, '');
  return safe === '' ? 'own' : safe.slice(0, 60);
}
