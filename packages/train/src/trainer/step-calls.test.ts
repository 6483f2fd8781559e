import { describe, expect, test } from 'vitest';
import { decodeCheckpoint } from '../checkpoint/checkpoint.ts';
import type { EngineFactory, StepInput } from '../training-engine.ts';
import { createStepCalls } from './step-calls.ts';
import { config, createHashEngine, createMemoryStore, hashOf, run } from './test-training.ts';

/** The same engine with a loop, which notes the steps of each call. */
function withLoop(
  createEngine: EngineFactory,
  maxSteps: number,
  calls: number[][] = [],
): EngineFactory {
  return async (options) => {
    const engine = await createEngine(options);
    const take = async (inputs: readonly StepInput[]) => {
      calls.push(inputs.map(({ step }) => step));
      return Promise.all(inputs.map((input) => engine.step(input)));
    };
    return { ...engine, loop: { maxSteps, run: take } };
  };
}

describe('an engine with a loop', () => {
  test('is given the same steps, and calls end with the epoch and before the last step', async () => {
    const calls: number[][] = [];
    const steps: StepInput[] = [];
    const plain: StepInput[] = [];
    const settings = { ...config, checkpointSteps: null, maxSteps: 8 };
    const found = await run({
      config: settings,
      createEngine: withLoop(createHashEngine(steps), 5, calls),
    });
    const expected = await run({ config: settings, createEngine: createHashEngine(plain) });
    expect(calls).toEqual([[1], [2, 3], [4, 5, 6], [7, 8]]);
    expect(steps).toEqual(plain);
    expect(hashOf(found.end)).toBe(hashOf(expected.end));
    const eventsOf = ({ events }: typeof found) => events.map(({ event }) => event);
    expect(eventsOf(found)).toEqual(eventsOf(expected));
  });

  test('writes the same checkpoints at the same steps', async () => {
    const store = createMemoryStore();
    const expected = createMemoryStore();
    await run({ store, createEngine: withLoop(createHashEngine(), 5) });
    await run({ store: expected });
    expect(store.saved).toEqual(expected.saved);
  });

  test('a signal ends it after the call that is under way, and it goes on from there', async () => {
    const whole = await run({});
    const controller = new AbortController();
    const lossAt = (step: number) => {
      if (step === 4) controller.abort();
      return 0.5;
    };
    const store = createMemoryStore();
    const stopped = run({
      store,
      config: { ...config, checkpointSteps: null },
      signal: controller.signal,
      createEngine: withLoop(createHashEngine([], lossAt), 2),
    });
    await expect(stopped).rejects.toMatchObject({
      code: 'ABORTED',
      message: 'The training was stopped after step 5 of 9.',
    });
    const { state, progress } = decodeCheckpoint(store.saved.at(-1) ?? new Uint8Array());
    const rest = await run({ state, resumeFrom: progress });
    expect(hashOf(rest.end)).toBe(hashOf(whole.end));
  });

  test('a loss that is no number in the middle of a call is told of by its step, and the state before it kept', async () => {
    const before = await run({ config: { ...config, maxSteps: 4 } });
    const calls: number[][] = [];
    const hashes = createHashEngine([], (step) => (step === 5 ? Number.NaN : 1));
    const store = createMemoryStore();
    const diverged = run({
      config: { ...config, checkpointSteps: null },
      createEngine: withLoop(hashes, 5, calls),
      store,
    });
    await expect(diverged).rejects.toMatchObject({
      code: 'NUMERIC',
      message: expect.stringContaining('step 5'),
      hint: expect.stringContaining('step-4'),
    });
    expect(calls.at(-1)).toEqual([4, 5, 6]);
    const left = decodeCheckpoint(store.saved.at(-1) ?? new Uint8Array());
    expect(left.progress.step).toBe(4);
    expect(hashOf(left)).toBe(hashOf(before.end));
  });
});

describe('calls', () => {
  /** An engine whose steps take their time on a clock of its own. */
  function createSlowEngine(stepMs: () => number) {
    let nowMs = 0;
    const output = { loss: 0, logits: new Float32Array() };
    const take = async (inputs: readonly StepInput[]) => {
      nowMs += inputs.length * stepMs();
      return inputs.map(() => output);
    };
    const engine = { step: async () => output, loop: { maxSteps: 20, run: take } };
    return createStepCalls(engine, () => nowMs);
  }

  const input = { images: new Float32Array(), targets: new Float32Array(), normalizer: 1 };
  const inputs = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...input, learningRate: 0.1, step: i + 1 }));

  test('take an eighth of a second, as the last one went', async () => {
    let stepMs = 300;
    const calls = createSlowEngine(() => stepMs);
    const sizes: number[] = [];
    for (const ms of [300, 40, 100, 1, 300]) {
      stepMs = ms;
      await calls.take(inputs(calls.size));
      sizes.push(calls.size);
    }
    expect(sizes).toEqual([1, 3, 1, 20, 1]);
  });

  test('of an engine without a loop are one step each', async () => {
    const steps: StepInput[] = [];
    const engine = await createHashEngine(steps)({
      graph: { name: '', input: { name: '', shape: [] }, nodes: [], parameters: [], output: '' },
      batchSize: 4,
      rule: { optimizer: config.optimizer },
      state: new Map(),
      frozen: [],
      seed: 0,
    });
    const calls = createStepCalls(engine);
    expect(calls.size).toBe(1);
    await calls.take(inputs(1));
    expect(calls.size).toBe(1);
    expect(steps.map(({ step }) => step)).toEqual([1]);
  });
});
