import { createModel, createTensor, type Tensor } from '@alexnet/core';
import type { Dataset } from '@alexnet/data';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../checkpoint/checkpoint.ts';
import type { RunStore } from '../checkpoint/run-store.ts';
import { completeTrainingConfig } from '../config/training-config.ts';
import type { EngineFactory, StepInput, StepOutput } from '../training-engine.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingEvent } from './training-event.ts';

// A training of a few milliseconds, for tests: pictures of one grey, and an engine that computes nothing.

const model = createModel('mnist', {
  classes: 2,
  widthMultiplier: 1 / 64,
  labels: ['dark', 'light'],
});

/** Pictures of one grey value each; light ones are of class 1. */
export const dataset: Dataset = {
  name: 'greys',
  labels: ['dark', 'light'],
  length: 10,
  labelOf: (index) => index % 2,
  nameOf: (index) => `#${index}`,
  keyOf: (index) => `#${index}`,
  readPicture: async (index) => ({
    width: 28,
    height: 28,
    channels: 1,
    pixels: new Uint8Array(784).fill(index * 20 + (index % 2)),
  }),
};

export const config = completeTrainingConfig({
  seed: 3,
  batchSize: 4,
  epochs: 3,
  learningRate: 0.1,
  schedule: { kind: 'constant' },
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  checkpointSteps: 2,
});

/**
 * An engine whose one number is a hash of all that it was ever fed with: two trainings end alike only if
 * every step got the same input in the same order.
 */
export function createHashEngine(
  steps: StepInput[] = [],
  lossAt: (step: number) => number = () => 0.5,
): EngineFactory {
  return async ({ state }) => {
    let hash = state.get('hash')?.data[0] ?? 0;
    const step = async (input: StepInput): Promise<StepOutput> => {
      steps.push(input);
      const { images, targets, normalizer, learningRate } = input;
      const fed = [...images, ...targets, normalizer, learningRate, input.step];
      for (const value of fed) hash = Math.floor(hash * 31 + value * 1e4 + 1) % 65_521;
      return {
        loss: lossAt(input.step),
        logits: Float32Array.from({ length: 8 }, (_, i) => i % 2),
      };
    };
    return {
      info: { engine: 'onnxruntime', device: 'cpu', version: 'fake', threads: 1 },
      step,
      forward: async () => Float32Array.from({ length: 8 }, (_, i) => i % 2),
      readState: async () =>
        new Map([...model.weights, ['hash', createTensor([1], Float32Array.of(hash))]]),
      dispose: async () => {},
    };
  };
}

export interface MemoryStore extends RunStore {
  readonly saved: Uint8Array[];
  readonly best: number[];
}

export function createMemoryStore(): MemoryStore {
  const saved: Uint8Array[] = [];
  const best: number[] = [];
  return {
    saved,
    best,
    appendMetrics: async () => {},
    saveCheckpoint: async (checkpoint, options) => {
      saved.push(join(encodeCheckpoint(checkpoint)));
      if (options.best) best.push(checkpoint.progress.step);
      return `step-${checkpoint.progress.step}`;
    },
  };
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export async function run(
  options: Partial<TrainOptions> & { readonly store?: MemoryStore },
): Promise<{ events: TrainingEvent[]; end: Checkpoint }> {
  const generator = train({
    graph: model.graph,
    metadata: model.metadata,
    state: model.weights,
    config,
    training: dataset,
    createEngine: createHashEngine(),
    ...options,
  });
  const events: TrainingEvent[] = [];
  for (;;) {
    const { done, value } = await generator.next();
    // With a store, the end is in the store.
    if (done)
      return {
        events,
        end: value ?? decodeCheckpoint(options.store?.saved.at(-1) ?? new Uint8Array()),
      };
    events.push(value);
  }
}

export function hashOf({
  state,
}: {
  readonly state: ReadonlyMap<string, Tensor>;
}): number | undefined {
  return state.get('hash')?.data[0];
}
