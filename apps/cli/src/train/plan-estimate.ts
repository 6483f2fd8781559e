import { estimateTrainingMemory, type Model } from '@alexnet/core';
import { train } from '@alexnet/train';
import { keepInMemory, type TrainingData } from '../data/open-data.ts';
import { formatBytes } from '../terminal/format.ts';
import { formatDuration } from '../terminal/progress.ts';
import { createEngineOf } from './choose-engine.ts';
import type { RunConfig } from './run-config.ts';
import { describeEngine } from './training-view.ts';

const MEASURED_STEPS = 3;
/** A forward pass beside a step: a step has two more of about its size. */
const FORWARD_SHARE = 1 / 3;

/**
 * What a training will take, measured on its first steps: real ones, of which nothing stays.
 *
 * @returns lines of a plan
 */
export async function estimatePlan(
  config: RunConfig,
  { model, data }: { readonly model: Model; readonly data: TrainingData },
): Promise<readonly string[]> {
  const { training: settings, data: counts } = config;
  const times: number[] = [];
  let engine = '';
  let totalSteps = 0;
  const events = train({
    graph: model.graph,
    metadata: model.metadata,
    state: model.weights,
    // One more, which pays for what is done once.
    config: { ...settings, maxSteps: MEASURED_STEPS + 1, checkpointSteps: null },
    training: keepInMemory(data.training, model.metadata.preprocessing),
    ...(counts.colours ? { colours: counts.colours } : {}),
    createEngine: createEngineOf(config),
  });
  for await (const event of events) {
    if (event.event === 'start') {
      engine = describeEngine(event.engine);
      const planned = event.stepsPerEpoch * settings.epochs;
      totalSteps = Math.min(planned, settings.maxSteps ?? planned);
    }
    if (event.event === 'step') times.push(performance.now());
  }
  const [first = 0] = times;
  const last = times.at(-1) ?? first;
  const stepSeconds = (last - first) / 1000 / Math.max(1, times.length - 1);
  const validated = (counts.validationPictures / settings.batchSize) * settings.epochs;
  const seconds = stepSeconds * (totalSteps + validated * FORWARD_SHARE);
  const { totalBytes } = estimateTrainingMemory(model.graph, { batchSize: settings.batchSize });
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return [
    `engine    ${engine}`,
    `memory    ${formatBytes(peakBytes)} so far at most, ${formatBytes(totalBytes)} of them by count: weights, gradients, the optimiser's arrays, activations`,
    `time      about ${formatDuration(seconds)}: ${times.length > 1 ? `${(stepSeconds * 1000).toFixed(0)} ms a step, measured on ${times.length - 1}` : 'too few steps to measure'}`,
  ];
}
