import { createModel } from '@alexnet/core';
import { type Dataset, subset } from '@alexnet/data';
import { expect, test } from 'vitest';
import { completeTrainingConfig } from '../config/training-config.ts';
import type { EngineFactory } from '../training-engine.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';

const model = createModel('mnist', { classes: 2, widthMultiplier: 1 / 64, labels: ['a', 'b'] });
const PICTURES = 40;
const BATCH = 4;

/** How many pictures were asked for, and how many of them are being read. */
function createCounted() {
  const state = { started: 0, running: 0 };
  const dataset: Dataset = {
    name: 'counted',
    labels: ['a', 'b'],
    length: PICTURES,
    labelOf: (index) => index % 2,
    nameOf: String,
    keyOf: String,
    readPicture: async (index) => {
      state.started += 1;
      state.running += 1;
      for (let turn = 0; turn < 1 + (index % 3); turn++)
        await new Promise((go) => setImmediate(go));
      state.running -= 1;
      return { width: 28, height: 28, channels: 1, pixels: new Uint8Array(784).fill(index) };
    },
  };
  return { dataset, state };
}

interface FakeEngine {
  readonly onForward?: () => void;
  readonly onStep?: (step: number) => void;
}

/** Steps and passes take some turns of the event loop. */
function createFakeEngine({ onForward, onStep }: FakeEngine): EngineFactory {
  const rest = () => new Promise((go) => setTimeout(go, 5));
  const logits = () => Float32Array.from({ length: 2 * BATCH }, (_, i) => i % 2);
  return async () => ({
    info: { engine: 'onnxruntime', device: 'cpu', version: 'fake', threads: 1 },
    step: async ({ step }) => {
      await rest();
      onStep?.(step);
      return { loss: 0.5, logits: logits() };
    },
    forward: async () => {
      await rest();
      onForward?.();
      return logits();
    },
    readState: async () => model.weights,
    dispose: async () => {},
  });
}

async function run(training: Dataset, options: FakeEngine & Partial<TrainOptions>): Promise<void> {
  const config = completeTrainingConfig({
    seed: 3,
    batchSize: BATCH,
    epochs: 3,
    learningRate: 0.1,
    schedule: { kind: 'constant' },
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  });
  const { graph, metadata, weights } = model;
  const createEngine = createFakeEngine(options);
  const events = train({
    graph,
    metadata,
    state: weights,
    config,
    training,
    createEngine,
    ...options,
  });
  for await (const { event } of events) expect(event).not.toBe('warning');
}

test('the next epoch is read while one is validated, and nothing after the last', async () => {
  const { dataset, state } = createCounted();
  const validation = subset(createCounted().dataset, [0, 1, 2, 3]);
  const startedAtValidation: number[] = [];
  await run(dataset, {
    validation,
    onForward: () => startedAtValidation.push(state.started),
  });
  // Two batches ahead, as within an epoch.
  expect(startedAtValidation).toEqual([
    PICTURES + 2 * BATCH,
    2 * PICTURES + 2 * BATCH,
    3 * PICTURES,
  ]);
  expect(state).toEqual({ started: 3 * PICTURES, running: 0 });
});

test('the first pictures are read while an engine is made, at the start and where layers begin to learn', async () => {
  const { dataset, state } = createCounted();
  const startedWhenMade: number[] = [];
  const create = createFakeEngine({});
  const createEngine: EngineFactory = async (options) => {
    await new Promise((go) => setTimeout(go, 20));
    startedWhenMade.push(state.started);
    return create(options);
  };
  const config = completeTrainingConfig({
    batchSize: BATCH,
    epochs: 2,
    frozen: ['conv1.weight', 'conv1.bias'],
    unfreezeAt: 2,
  });
  await run(dataset, { createEngine, config });
  expect(startedWhenMade).toEqual([3 * BATCH, PICTURES + 3 * BATCH]);
  expect(state).toEqual({ started: 2 * PICTURES, running: 0 });
});

test('an engine that cannot be made ends the reading', async () => {
  const { dataset, state } = createCounted();
  const createEngine: EngineFactory = async () => {
    throw new Error('no such device');
  };
  await expect(run(dataset, { createEngine })).rejects.toThrow('no such device');
  expect(state.running).toBe(0);
});

test('a training that ends at the end of an epoch leaves nothing being read of the next', async () => {
  const { dataset, state } = createCounted();
  const controller = new AbortController();
  const stepsPerEpoch = PICTURES / BATCH;
  const onStep = (step: number) => {
    if (step === stepsPerEpoch) controller.abort();
  };
  await expect(run(dataset, { onStep, signal: controller.signal })).rejects.toMatchObject({
    code: 'ABORTED',
  });
  expect(state.running).toBe(0);
  const { started } = state;
  await new Promise((go) => setTimeout(go, 10));
  expect(state.started).toBe(started);
});
