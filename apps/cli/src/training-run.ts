import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AlexNetError, type Model } from '@alexnet/core';
import { type Checkpoint, type TrainingProgress, toModel, train } from '@alexnet/train';
import {
  createRunFolder,
  createWorkerEngineFactory,
  openRunFolder,
  type RunFolder,
} from '@alexnet/train/node';
import { onMissing } from './on-missing.ts';
import { fingerprint, keepInMemory, openTrainingData, type TrainingData } from './open-data.ts';
import { callerFolder, resolvePath } from './resolve-path.ts';
import { checkSameSettings, parseRunConfig, type RunConfig } from './run-config.ts';
import { writeRunReport } from './run-report.ts';
import type { Terminal } from './terminal.ts';
import type { TrainCommandOptions } from './train-options.ts';
import { createInitialModel, selectFrozen } from './training-network.ts';
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

/** `runs/compact-3` after `runs/compact-2`. */
async function nextRunFolder({ network }: RunConfig): Promise<string> {
  const runs = join(callerFolder(), 'runs');
  const name = network.preset ?? 'tuned';
  const names = await readdir(runs).catch(onMissing<string[]>([]));
  const numbers = names.map((other) =>
    other.startsWith(`${name}-`) ? Number(other.slice(name.length + 1)) : 0,
  );
  const last = Math.max(0, ...numbers.filter((value) => Number.isSafeInteger(value)));
  return join(runs, `${name}-${last + 1}`);
}
