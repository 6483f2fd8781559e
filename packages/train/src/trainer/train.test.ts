import type { Dataset } from '@alexnet/data';
import { describe, expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../checkpoint/checkpoint.ts';
import type { StepInput } from '../training-engine.ts';
import {
  config,
  createHashEngine,
  createMemoryStore,
  dataset,
  hashOf,
  join,
  run,
} from './test-training.ts';

describe('a signal', () => {
  test.each([1, 3, 5])(
    'after step %s ends the training there, and it goes on from there',
    async (stop) => {
      const whole = await run({});
      const controller = new AbortController();
      const store = createMemoryStore();
      const lossAt = (step: number) => {
        if (step === stop) controller.abort();
        return 0.5;
      };
      const stopped = run({
        store,
        signal: controller.signal,
        createEngine: createHashEngine([], lossAt),
      });
      await expect(stopped).rejects.toMatchObject({
        code: 'ABORTED',
        message: `The training was stopped after step ${stop} of 9.`,
      });
      const { state, progress } = decodeCheckpoint(store.saved.at(-1) ?? new Uint8Array());
      expect(progress.step).toBe(stop);
      const rest = await run({ state, resumeFrom: progress });
      expect(hashOf(rest.end)).toBe(hashOf(whole.end));
    },
  );

  test('that came before the first step ends it at once', async () => {
    await expect(run({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      message: 'The training was stopped after step 0 of 9.',
    });
  });
});

describe('settings of the targets and the rate', () => {
  test('smoothing, class weights and mixing reach the engine', async () => {
    const steps: StepInput[] = [];
    const settings = { labelSmoothing: 0.2, classWeights: [1, 3] };
    await run({ config: { ...config, ...settings }, createEngine: createHashEngine(steps) });
    const { targets = [], normalizer } = steps[0] ?? {};
    const rows = Array.from({ length: 4 }, (_, row) => [...targets.slice(2 * row, 2 * row + 2)]);
    // Class 0: 1 · 0.9 and 3 · 0.1; class 1: 1 · 0.1 and 3 · 0.9.
    for (const [zero = 0, one = 0] of rows) {
      expect([zero, one].map((value) => Number(value.toFixed(6)))).toEqual(
        zero > 0.5 ? [0.9, 0.3] : [0.1, 2.7],
      );
    }
    const ones = rows.filter(([zero = 0]) => zero < 0.5).length;
    expect(normalizer).toBeCloseTo(4 - ones + 3 * ones, 6);

    const mixed: StepInput[] = [];
    const mixing = { kind: 'mixup', alpha: 1 } as const;
    await run({ config: { ...config, mixing }, createEngine: createHashEngine(mixed) });
    const shares = mixed
      .flatMap((step) => [...step.targets])
      .filter((share) => share > 0 && share < 1);
    expect(shares.length).toBeGreaterThan(4);
  });

  test('a training with mixing goes on as if it had never stopped', async () => {
    const mixing = { kind: 'cutmix', alpha: 0.5 } as const;
    const whole = await run({ config: { ...config, mixing } });
    const store = createMemoryStore();
    await run({ config: { ...config, mixing, maxSteps: 4 }, store });
    const { state, progress } = decodeCheckpoint(store.saved.at(-1) ?? new Uint8Array());
    const resumed = await run({ config: { ...config, mixing }, state, resumeFrom: progress });
    expect(hashOf(resumed.end)).toBe(hashOf(whole.end));
  });

  test('a plateau divides the rate when validation stops improving, also after a resume', async () => {
    const schedule = { kind: 'plateau', patience: 1, factor: 0.1, drops: 2 } as const;
    const plateau = { ...config, epochs: 5, schedule };
    const ratesOf = (steps: readonly StepInput[]) => steps.map(({ learningRate }) => learningRate);
    const steps: StepInput[] = [];
    const store = createMemoryStore();
    await run({
      config: plateau,
      validation: dataset,
      store,
      createEngine: createHashEngine(steps),
    });
    // The error stays what it is after the first epoch: a drop after the second and the third.
    const expected = [0.1, 0.1, 0.01, 0.001, 0.001].flatMap((rate) => [rate, rate, rate]);
    expect(ratesOf(steps).map((rate) => Number(rate.toFixed(6)))).toEqual(expected);

    const middle = store.saved
      .map((bytes) => decodeCheckpoint(bytes))
      .find(({ progress }) => progress.step === 8);
    const rest: StepInput[] = [];
    await run({
      config: plateau,
      validation: dataset,
      ...(middle ? { state: middle.state, resumeFrom: middle.progress } : {}),
      createEngine: createHashEngine(rest),
    });
    expect(ratesOf(rest)).toEqual(ratesOf(steps).slice(8));
  });
});

describe('train', () => {
  test('tells what happens, in order', async () => {
    const { events } = await run({ store: createMemoryStore(), validation: dataset });
    const first = ['step', 'step', 'checkpoint', 'step', 'validation', 'epoch', 'checkpoint'];
    const second = ['step', 'checkpoint', 'step', 'step', 'validation', 'epoch', 'checkpoint'];
    // The engine answers every picture alike, which is told at the end of a training as short as this.
    const third = [...first.slice(0, -1), 'warning', 'checkpoint'];
    expect(events.map(({ event }) => event)).toEqual([
      'start',
      ...first,
      ...second,
      ...third,
      'done',
    ]);
    expect(events[0]).toMatchObject({ trainingPictures: 10, stepsPerEpoch: 3, totalSteps: 9 });
    expect(events.at(-1)).toMatchObject({ step: 9, epoch: 3, validation: { top1: 0.5, top5: 1 } });
  });

  test('the last batch of an epoch is smaller, its empty rows have no class', async () => {
    const steps: StepInput[] = [];
    await run({ createEngine: createHashEngine(steps) });
    expect(steps.map(({ normalizer }) => normalizer)).toEqual([4, 4, 2, 4, 4, 2, 4, 4, 2]);
    expect([...(steps[2]?.targets.slice(4) ?? [])]).toEqual([0, 0, 0, 0]);
    expect(steps[2]?.images.slice(2 * 784).every((value) => value === 0)).toBe(true);
  });

  test('every picture comes once an epoch, in another order each time', async () => {
    const steps: StepInput[] = [];
    await run({ createEngine: createHashEngine(steps) });
    const order = (epoch: number) =>
      steps
        .slice(epoch * 3, epoch * 3 + 3)
        .flatMap(({ images, normalizer }) =>
          Array.from({ length: normalizer }, (_, row) =>
            Math.round((images[row * 784] ?? 0) * 255),
          ),
        );
    const expected = Array.from({ length: 10 }, (_, index) => index * 20 + (index % 2));
    expect([...order(0)].sort((a, b) => a - b)).toEqual(expected);
    expect([...order(1)].sort((a, b) => a - b)).toEqual(expected);
    expect(order(0)).not.toEqual(order(1));
  });

  test('goes on from any checkpoint to the same end', async () => {
    const store = createMemoryStore();
    const { end } = await run({ store });
    expect(store.saved).toHaveLength(6);
    for (const bytes of store.saved) {
      const { state, progress } = decodeCheckpoint(bytes);
      const resumed = await run({ state, resumeFrom: progress });
      expect(hashOf(resumed.end)).toBe(hashOf(end));
      expect(resumed.end.progress).toEqual(end.progress);
    }
  });

  test('another seed ends elsewhere', async () => {
    const { end } = await run({});
    const { end: other } = await run({ config: { ...config, seed: 4 } });
    expect(hashOf(other)).not.toBe(hashOf(end));
  });

  test('maxSteps ends early, with a checkpoint', async () => {
    const store = createMemoryStore();
    const { events } = await run({ store, config: { ...config, maxSteps: 4 } });
    expect(events.filter(({ event }) => event === 'step')).toHaveLength(4);
    expect(events.at(-2)).toMatchObject({ event: 'checkpoint', step: 4 });
  });

  test('the best checkpoint is the first of equals; without validation it is the last', async () => {
    const validated = createMemoryStore();
    await run({ store: validated, validation: dataset });
    expect(validated.best).toEqual([3]);
    const unvalidated = createMemoryStore();
    await run({ store: unvalidated });
    expect(unvalidated.best).toEqual([3, 6, 9]);
  });

  test('a loss that is no number stops at its step and says what to do', async () => {
    const createEngine = createHashEngine([], (step) => (step === 5 ? Number.NaN : 1));
    await expect(run({ createEngine })).rejects.toMatchObject({
      code: 'NUMERIC',
      message: expect.stringContaining('step 5'),
      hint: expect.stringContaining('--learning-rate'),
    });
  });

  test('and leaves the state before it, to the bit, however long ago the last checkpoint was', async () => {
    const before = await run({ config: { ...config, maxSteps: 4 } });
    const createEngine = createHashEngine([], (step) => (step === 5 ? Number.NaN : 1));
    for (const checkpointSteps of [2, null]) {
      const store = createMemoryStore();
      const settings = { ...config, checkpointSteps };
      await expect(run({ config: settings, createEngine, store })).rejects.toMatchObject({
        code: 'NUMERIC',
        message: expect.stringMatching(/Its batch: #\d, #\d, #\d, #\d/),
        hint: expect.stringContaining('step-4'),
      });
      const left = decodeCheckpoint(store.saved.at(-1) ?? new Uint8Array());
      expect(left.progress.step).toBe(4);
      expect(hashOf(left)).toBe(hashOf(before.end));
    }
  });

  test('and a damaged checkpoint does not hide it: all steps are taken again', async () => {
    const { AlexNetError } = await import('@alexnet/core');
    const store = {
      ...createMemoryStore(),
      readLastCheckpoint: () =>
        Promise.reject(new AlexNetError('INVALID_CHECKPOINT', { message: 'step-4 is damaged.' })),
    };
    const createEngine = createHashEngine([], (step) => (step === 5 ? Number.NaN : 1));
    await expect(run({ createEngine, store })).rejects.toMatchObject({
      code: 'NUMERIC',
      hint: expect.stringContaining('step-4'),
    });
    expect(decodeCheckpoint(store.saved.at(-1) ?? new Uint8Array()).progress.step).toBe(4);
  });

  test('pictures that cannot be read are told once each', async () => {
    const { AlexNetError } = await import('@alexnet/core');
    const training: Dataset = {
      ...dataset,
      readPicture: async (index) => {
        if (index === 3)
          throw new AlexNetError('INVALID_PICTURE', { message: 'photo 3 is cut short.' });
        return dataset.readPicture(index);
      },
    };
    const { events } = await run({ training });
    expect(events.filter(({ event }) => event === 'warning')).toEqual([
      { event: 'warning', message: 'Skipped #3: photo 3 is cut short.' },
    ]);
    const pictures = events.filter(({ event }) => event === 'epoch').length;
    expect(pictures).toBe(3);
  });

  test.each([
    { batchSize: 0 },
    { epochs: 1.5 },
    { maxSteps: 0 },
    { learningRate: 0 },
    { checkpointSteps: -1 },
  ])('refuses %o', async (change) => {
    await expect(run({ config: { ...config, ...change } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(Object.keys(change)[0] ?? ''),
    });
  });
});

describe('checkpoint', () => {
  test('comes back as it was written', async () => {
    const { end } = await run({ validation: dataset });
    const back = decodeCheckpoint(join(encodeCheckpoint(end)));
    expect(back.graph).toEqual(end.graph);
    expect(back.metadata).toEqual(end.metadata);
    expect(back.progress).toEqual(end.progress);
    expect([...back.state.keys()]).toEqual([...end.state.keys()]);
  });

  test('a weight that is missing is named', async () => {
    const { end } = await run({});
    const state = new Map(end.state);
    state.delete('fc6.bias');
    expect(() => decodeCheckpoint(join(encodeCheckpoint({ ...end, state })))).toThrowError(
      expect.objectContaining({
        code: 'INVALID_CHECKPOINT',
        message: expect.stringContaining('fc6.bias'),
      }),
    );
  });
});
