import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { estimateTrainingMemory, type Model } from '@alexnet/core';
import { type Dataset, isBadPicture, type PictureRenderer, subset } from '@alexnet/data';
import { createRenderThreads } from '@alexnet/data/node';
import { createRunFolder, type FeatureCache, openFeatureCache } from '@alexnet/train/node';
import { keepInMemory, memoryForPictures, type TrainingData } from '../data/open-data.ts';
import { formatBytes } from '../terminal/format.ts';
import { listenForInterruption } from '../terminal/interruption.ts';
import { formatDuration } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createEngineOf } from './choose-engine.ts';
import { countSample, measureSteps, type StepTimes } from './measure-steps.ts';
import { type PlannedStage, planStages } from './planned-stages.ts';
import { countStepsPerEpoch, type RunConfig } from './run-config.ts';
import { describeEngine } from './training-view.ts';

/** A forward pass beside a step: a step has two more of about its size. */
const FORWARD_SHARE = 1 / 3;

interface PlanCall {
  readonly model: Model;
  readonly data: TrainingData;
  readonly terminal: Terminal;
}

/**
 * What a training will take, measured on its first steps: real ones, of which nothing stays.
 *
 * @returns lines of a plan
 */
export async function estimatePlan(config: RunConfig, call: PlanCall): Promise<readonly string[]> {
  const { model, data } = call;
  const { preprocessing } = model.metadata;
  const sample = keepInMemory(takeSome(data.training, countSample(config)), preprocessing);
  const renderer = createRenderThreads();
  // What is measured lies in a folder that goes in the end, after Ctrl-C as well.
  const interruption = listenForInterruption(call.terminal, 'Stopping after this step.');
  const { signal } = interruption;
  const stages: MeasuredStage[] = [];
  try {
    for (const stage of planStages(config, model)) {
      stages.push(await measureStage(stage, { config, ...call, sample, renderer, signal }));
    }
  } finally {
    interruption.end();
    await renderer.dispose();
  }
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const engine = stages.find(({ times }) => times.engine)?.times.engine;
  const { batchSize } = config.training;
  const { totalBytes } = estimateTrainingMemory(model.graph, { batchSize });
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return [
    `engine    ${engine ? describeEngine(engine) : ''}`,
    `memory    ${formatBytes(peakBytes)} so far at most, ${formatBytes(totalBytes)} of them by count: weights, gradients, the optimiser's arrays, activations`,
    `time      about ${formatDuration(seconds)}: ${stages.map(describeStage).join('; ')}`,
  ];
}

interface MeasuredStage {
  readonly stage: PlannedStage;
  readonly times: StepTimes;
  /** What making features takes, once. */
  readonly featureSeconds: number;
  /** Of the whole stage, with its features, validations and checkpoints. */
  readonly seconds: number;
}

async function measureStage(
  stage: PlannedStage,
  call: PlanCall & {
    readonly config: RunConfig;
    readonly sample: Dataset;
    readonly renderer: PictureRenderer;
    readonly signal: AbortSignal;
  },
): Promise<MeasuredStage> {
  const { config, model, sample, renderer, signal } = call;
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-plan-'));
  let made: MadeFeatures | null = null;
  try {
    made = stage.value === null ? null : await makeFeatures(stage.value, { ...call, folder });
    const times = await measureSteps(stage, {
      model,
      sample,
      features: made?.cache.features ?? null,
      colours: config.data.colours,
      renderer,
      store: await createRunFolder(join(folder, 'run'), config),
      signal,
      createEngine: createEngineOf(config),
    });
    const featureSeconds = made ? made.secondsPerPicture * countFeatures(config) : 0;
    const stepSeconds = await sumSteps(stage, { times, config, sample });
    const checkpointSeconds = (times.checkpointMs / 1000) * countCheckpoints(stage);
    const seconds = featureSeconds + stepSeconds + checkpointSeconds;
    return { stage, times, featureSeconds, seconds };
  } finally {
    await made?.cache.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface MadeFeatures {
  readonly cache: FeatureCache;
  readonly secondsPerPicture: number;
}

/** Features of the sample, in a folder that goes with the plan. */
async function makeFeatures(
  value: string,
  {
    config,
    model,
    sample,
    renderer,
    signal,
    folder,
  }: {
    readonly config: RunConfig;
    readonly model: Model;
    readonly sample: Dataset;
    readonly renderer: PictureRenderer;
    readonly signal: AbortSignal;
    readonly folder: string;
  },
): Promise<MadeFeatures> {
  const { augmentation, seed } = config.training;
  const marks: { readonly done: number; readonly atMs: number }[] = [];
  const startedMs = performance.now();
  const cache = await openFeatureCache({
    graph: model.graph,
    weights: model.weights,
    preprocessing: model.metadata.preprocessing,
    value,
    training: sample,
    augmentation,
    variants: 1,
    seed,
    folder,
    threads: config.threads,
    renderer,
    signal,
    onProgress: (done) => marks.push({ done, atMs: performance.now() }),
  });
  const last = marks.at(-1) ?? { done: sample.length, atMs: performance.now() };
  // From the first batch on, which pays for what is done once; where it is the only one, all of it.
  const first = marks.length > 1 ? marks[0] : undefined;
  const { done, atMs } = first ?? { done: 0, atMs: startedMs };
  return { cache, secondsPerPicture: (last.atMs - atMs) / 1000 / Math.max(1, last.done - done) };
}

function countFeatures({ data, featureVariants }: RunConfig): number {
  return data.trainingPictures * (featureVariants ?? 1) + data.validationPictures;
}

/** One after each epoch, and by steps where that is asked for. */
function countCheckpoints({ epochs, steps, settings }: PlannedStage): number {
  return epochs + (settings.checkpointSteps ? Math.floor(steps / settings.checkpointSteps) : 0);
}

async function sumSteps(
  { steps, epochs, value }: PlannedStage,
  {
    times,
    config,
    sample,
  }: { readonly times: StepTimes; readonly config: RunConfig; readonly sample: Dataset },
): Promise<number> {
  const readyMs = times.readyMs ?? times.readingMs ?? 0;
  const readingMs = times.readingMs ?? readyMs;
  // Features are read in every epoch alike.
  const kept = value === null ? await shareInMemory(sample, config.data.trainingPictures) : 1;
  const laterMs = kept * readyMs + (1 - kept) * readingMs;
  const first = Math.min(steps, countStepsPerEpoch(config));
  const validated = (config.data.validationPictures / config.training.batchSize) * epochs;
  const ms = first * readingMs + (steps - first) * laterMs + validated * FORWARD_SHARE * laterMs;
  return ms / 1000;
}

/** How much of all pictures finds room in memory, by the size of some. */
async function shareInMemory(sample: Dataset, pictures: number): Promise<number> {
  let sizeBytes = 0;
  let count = 0;
  for (let index = 0; index < sample.length; index++) {
    const picture = await sample.readPicture(index).catch(passOverBad);
    if (!picture) continue;
    sizeBytes += picture.pixels.length;
    count += 1;
  }
  return Math.min(1, (memoryForPictures() * count) / Math.max(1, sizeBytes * pictures));
}

/** As the steps did. */
function passOverBad(error: unknown): null {
  if (isBadPicture(error)) return null;
  throw error;
}

/** Pictures from all over a data set, which may be sorted by class. */
function takeSome(dataset: Dataset, count: number): Dataset {
  const length = Math.min(count, dataset.length);
  return subset(
    dataset,
    Array.from({ length }, (_, i) => Math.floor((i * dataset.length) / length)),
  );
}

/** `120 ms a step, 160 in the first epoch, measured on 7` */
function describeStage({ stage, times, featureSeconds }: MeasuredStage): string {
  const { readyMs, readingMs, count } = times;
  const ms = readyMs ?? readingMs;
  if (ms === null) return 'too few steps to measure';
  const features = stage.value === null ? '' : `features once, ${formatDuration(featureSeconds)}, `;
  const isSlower = stage.value === null && readingMs !== null && readingMs > 1.1 * ms;
  const reading = isSlower ? `, ${readingMs.toFixed(0)} in the first epoch` : '';
  return `${features}${ms.toFixed(0)} ms a step${reading}, measured on ${count}`;
}
