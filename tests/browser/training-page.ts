// What a page runs in train.browser.test.ts.
import { createModel } from '@alexnet/core';
import {
  completeTrainingConfig,
  type EngineInfo,
  type TrainingConfig,
  type TrainingEvent,
  train,
} from '@alexnet/train';
import { createOrtEngine, type OrtModule } from '@alexnet/train/ort';
import { createStripes } from './striped-pictures.ts';

interface TrainingCall {
  readonly device: 'wasm' | 'webgpu';
  readonly labels: readonly string[];
  readonly widthMultiplier: number;
  readonly settings: Partial<TrainingConfig>;
  readonly validates: boolean;
  /** The step after which the page asks for the end. */
  readonly stopAfter?: number;
}

/** Trains `mini` on onnxruntime-web, of which the page has `/ort.wasm.min.mjs` and `/ort.webgpu.min.mjs`. */
export async function trainInPage({
  device,
  labels,
  widthMultiplier,
  settings,
  validates,
  stopAfter,
}: TrainingCall) {
  const runtime = `/ort.${device}.min.mjs`;
  const ort: OrtModule = await import(/* @vite-ignore */ runtime);
  ort.env.wasm.numThreads = 1;
  const { graph, weights, metadata } = createModel('mini', {
    labels,
    classes: labels.length,
    inputSize: 67,
    init: 'he',
    widthMultiplier,
  });
  const dataset = createStripes(labels);
  const controller = new AbortController();
  const events: TrainingEvent[] = [];
  let engine: EngineInfo | undefined;
  let error: string | undefined;
  try {
    for await (const event of train({
      graph,
      metadata,
      state: weights,
      config: completeTrainingConfig(settings),
      training: dataset,
      ...(validates ? { validation: dataset } : {}),
      createEngine: (options) => createOrtEngine({ ...options, ort, device }),
      signal: controller.signal,
    })) {
      events.push(event);
      if (event.event === 'start') engine = event.engine;
      if (event.event === 'step' && event.step === stopAfter) controller.abort();
    }
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  return { engine, events, error };
}
