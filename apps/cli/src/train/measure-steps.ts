import type { Model } from '@alexnet/core';
import type { Dataset, PictureRenderer } from '@alexnet/data';
import {
  type EngineFactory,
  type EngineInfo,
  type Features,
  type RunStore,
  train,
} from '@alexnet/train';
import type { PlannedStage } from './planned-stages.ts';
import type { RunConfig } from './run-config.ts';

/** Steps of each pass, but for one more, which pays for what is done once. */
const MEASURED_STEPS = 3;
/** Pictures are read in the first pass over them, and in memory from then on. */
const PASSES = 2;

/** What steps took. */
export interface StepTimes {
  readonly engine: EngineInfo | null;
  /** Of a step that reads its pictures; `null` where there were too few. */
  readonly readingMs: number | null;
  /** Of a step whose pictures are in memory; `null` where there were too few. */
  readonly readyMs: number | null;
  /** Of writing a checkpoint, the last one; 0 where there was none. */
  readonly checkpointMs: number;
  /** How many were measured. */
  readonly count: number;
}

/** How many pictures the passes are over, at most. */
export function countSample({ training }: RunConfig): number {
  return (MEASURED_STEPS + 1) * training.batchSize;
}

/** Takes the first steps of a stage on a few pictures, twice over. Nothing stays of them. */
export async function measureSteps(
  { settings }: PlannedStage,
  {
    model,
    sample,
    features,
    colours,
    renderer,
    store,
    signal,
    createEngine,
  }: {
    readonly model: Model;
    readonly sample: Dataset;
    readonly features: Features | null;
    readonly colours: RunConfig['data']['colours'];
    readonly renderer: PictureRenderer;
    /** What the checkpoint after each pass goes to. */
    readonly store: RunStore;
    readonly signal: AbortSignal;
    readonly createEngine: EngineFactory;
  },
): Promise<StepTimes> {
  const steps = PASSES * (MEASURED_STEPS + 1);
  const reading: number[] = [];
  const ready: number[] = [];
  let checkpointMs = 0;
  let engine: EngineInfo | null = null;
  const events = train({
    graph: model.graph,
    metadata: model.metadata,
    state: model.weights,
    config: {
      ...settings,
      maxSteps: Math.min(settings.maxSteps ?? steps, steps),
      checkpointSteps: null,
    },
    training: sample,
    ...(colours ? { colours } : {}),
    ...(features ? { features } : {}),
    renderer,
    store,
    signal,
    createEngine,
  });
  let beforeMs = performance.now();
  for await (const event of events) {
    const atMs = performance.now();
    if (event.event === 'start') engine = event.engine;
    if (event.event === 'checkpoint') checkpointMs = atMs - beforeMs;
    if (event.event === 'step' && event.step > 1) {
      (event.epoch === 1 ? reading : ready).push(atMs - beforeMs);
    }
    beforeMs = atMs;
  }
  return {
    engine,
    readingMs: meanOf(reading),
    readyMs: meanOf(ready),
    checkpointMs,
    count: reading.length + ready.length,
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}
