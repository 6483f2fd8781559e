import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { AlexNetError, isAlexNetError, type Model } from '@alexnet/core';
import { selectParameters } from '@alexnet/core/transforms';
import { createRenderThreads } from '@alexnet/data/node';
import { type Checkpoint, type TrainingProgress, toModel, train } from '@alexnet/train';
import {
  createRunFolder,
  createWorkerEngineFactory,
  openRunFolder,
  type RunFolder,
} from '@alexnet/train/node';
import {
  fingerprint,
  keepInMemory,
  openTrainingData,
  type TrainingData,
} from '../data/open-data.ts';
import { locateFrom } from '../models/catalogue-file.ts';
import { isSameNetwork, readNetwork } from '../models/own-network.ts';
import { listenForInterruption } from '../terminal/interruption.ts';
import { onMissing } from '../terminal/on-missing.ts';
import { callerFolder, resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { resolveFactors } from './parameter-factors.ts';
import { searchLearningRate } from './rate-search.ts';
import { checkSameSettings, parseRunConfig, type RunConfig } from './run-config.ts';
import { writeRunReport } from './run-report.ts';
import type { TrainCommandOptions } from './train-options.ts';
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
  if (options.reinit !== undefined && options.from === undefined) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: '--reinit needs --from: it names layers of a MODEL that start anew.',
      hint: 'Without --from all layers start anew. With it: alexnet train photos --from model.onnx --reinit fc8',
    });
  }
  const path = resolvePath(argument);
  const seed = options.seed ?? 0;
  const validation = options.validation ?? DEFAULT_VALIDATION;
  const data = await openTrainingData(path, { validation, seed, terminal });
  const own = options.network === undefined ? null : await readNetwork(options.network);
  const located = await locateFrom(options, terminal);
  const draft = resolveConfig(path, { data, own, options: located, seed, validation });
  const model = await createInitialModel(draft, terminal);
  const frozen = selectParameters(model.graph, draft.network.freeze);
  const factors = resolveFactors(model.graph, draft.network);
  const config: RunConfig = { ...draft, training: { ...draft.training, frozen, factors } };
  for (const line of describePlan(config, model)) terminal.note(line);
  if (options.dryRun) return;
  const json = options.json === true;
  if (options.findLearningRate !== undefined) {
    const page = options.findLearningRate;
    return searchLearningRate({ config, model, data, page, json, terminal });
  }
  const folder = await createRunFolder(
    options.out === undefined ? await nextRunFolder(config) : resolvePath(options.out),
    config,
  );
  await runTraining({ config, model, data, folder, terminal, json });
}

/** `alexnet train --resume RUN`: goes on from the last checkpoint with the settings of the run. */
export async function resumeRun(
  argument: string,
  { data: dataArgument, options, terminal }: Call & { readonly data: string | undefined },
): Promise<void> {
  const folder = await openRunFolder(resolvePath(argument));
  const config = parseRunConfig(await folder.readConfig());
  const located = await locateFrom(options, terminal);
  checkSameSettings(givenSettings(located), storedSettings(config));
  await checkSameNetwork(options.network, config);
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
  const interruption = listenForInterruption(terminal);
  const renderer = createRenderThreads();
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
    renderer,
    store: folder,
    signal: interruption.signal,
    ...progress,
  });
  try {
    for await (const event of events) view.show(event);
  } catch (error) {
    throw nameWayOn(error, folder.path);
  } finally {
    interruption.end();
    await renderer.dispose();
  }
  const report = await writeRunReport({ config, data, folder });
  view.finish(report);
}

/** A training that was stopped, and how to go on with it. */
function nameWayOn(error: unknown, run: string): unknown {
  if (!isAlexNetError(error) || error.code !== 'ABORTED') return error;
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
