// The onnxruntime engine: the quick way and the plain way give the same bits, in this thread and in its own.
import { createModel, createRandom, createTensor, type Model, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import {
  createTargets,
  type EngineOptions,
  type EngineState,
  type TrainingEngine,
} from '@alexnet/train';
import { createWorkerEngineFactory, loadOnnxRuntime } from '@alexnet/train/node';
import { createOrtEngine, type OrtModule } from '@alexnet/train/ort';
import { describe, expect, test } from 'vitest';

const BATCH = 4;
const CLASSES = 3;
const model = createModel('mini', { classes: CLASSES, inputSize: 67 });
const ort = await loadOnnxRuntime();

function optionsOf({ graph, weights }: Model): EngineOptions {
  return {
    graph,
    batchSize: BATCH,
    rule: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
    state: weights,
    frozen: [],
    seed: 1,
  };
}

function imagesOf(step: number): Float32Array {
  const { data } = createTensor([BATCH, ...model.graph.input.shape]);
  createRandom(step).fillNormal(data);
  return data;
}

/** Takes steps and returns the losses, and the state at the end. */
async function trainWith(engine: TrainingEngine, steps: readonly number[]) {
  const losses: number[] = [];
  for (const step of steps) {
    const targets = createTargets([0, 1, 2, step % 3], { batchSize: BATCH, classes: CLASSES }).rows;
    const input = { images: imagesOf(step), targets, normalizer: BATCH, learningRate: 0.01, step };
    losses.push((await engine.step(input)).loss);
  }
  const state = await engine.readState();
  await engine.dispose();
  return { losses, state };
}

function bytesOf(tensor: Pick<Tensor, 'data'> | undefined): Buffer {
  const { data } = tensor ?? createTensor([0]);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function expectSameBits(a: EngineState, b: EngineState): void {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [name, { data }] of a) {
    expect(bytesOf({ data }).equals(bytesOf(b.get(name))), name).toBe(true);
  }
}

/** The same runtime, without the quirk that the quick way is built on. */
function withoutQuirk(original: OrtModule): OrtModule {
  const create: OrtModule['InferenceSession']['create'] = async (...args: unknown[]) => {
    const session = await Reflect.apply(
      original.InferenceSession.create,
      original.InferenceSession,
      args,
    );
    return new Proxy(session, {
      get(target, key) {
        if (key !== 'run') return Reflect.get(target, key, target);
        return (feeds: object, fetches?: object) => {
          if (fetches) return Promise.reject(new Error('outputs cannot be given here'));
          return target.run(feeds);
        };
      },
    });
  };
  return { ...original, InferenceSession: { create } };
}

/** The same runtime, which refuses models with blocked convolutions. */
function withoutBlocks(original: OrtModule): OrtModule {
  const create: OrtModule['InferenceSession']['create'] = (...args: unknown[]) => {
    const [bytes] = args;
    if (bytes instanceof Uint8Array && Buffer.from(bytes).includes('com.microsoft.nchwc')) {
      return Promise.reject(new Error('com.microsoft.nchwc is not a registered domain'));
    }
    return Reflect.apply(original.InferenceSession.create, original.InferenceSession, args);
  };
  return { ...original, InferenceSession: { create } };
}

describe('the onnxruntime engine', () => {
  test('in place, plain, without spinning and in a thread of its own: the same bits', async () => {
    const options = optionsOf(model);
    const steps = [1, 2, 3, 4, 5];
    const plain = await trainWith(
      await createOrtEngine({ ...options, ort, device: 'cpu', threads: 2, inPlace: false }),
      steps,
    );
    const inPlace = await trainWith(
      await createOrtEngine({ ...options, ort, device: 'cpu', threads: 2, inPlace: true }),
      steps,
    );
    const resting = await trainWith(
      await createOrtEngine({ ...options, ort, device: 'cpu', threads: 2, allowSpinning: false }),
      steps,
    );
    const threaded = await trainWith(
      await createWorkerEngineFactory({ threads: 2 })(options),
      steps,
    );
    expect(inPlace.losses).toEqual(plain.losses);
    expect(threaded.losses).toEqual(plain.losses);
    expectSameBits(inPlace.state, plain.state);
    expectSameBits(resting.state, plain.state);
    expectSameBits(threaded.state, plain.state);
  });

  test('blocked convolutions, where this processor has them, learn the same within rounding', async () => {
    const options = optionsOf(
      createModel('caffe-alexnet', { classes: CLASSES, inputSize: 67, widthMultiplier: 0.25 }),
    );
    const make = (blockedChannels?: number | null) =>
      createOrtEngine({
        ...options,
        ort,
        device: 'cpu',
        threads: 2,
        ...(blockedChannels === undefined ? {} : { blockedChannels }),
      });
    const standard = await trainWith(await make(null), [1, 2, 3]);
    const probed = await trainWith(await make(), [1, 2, 3]);
    for (const [step, loss] of standard.losses.entries()) {
      expect(Math.abs((probed.losses[step] ?? Number.NaN) / loss - 1)).toBeLessThan(1e-4);
    }
  });

  test('a runtime that knows no blocked convolutions trains with the standard ones', async () => {
    const options = optionsOf(model);
    const standard = await createOrtEngine({
      ...options,
      ort,
      device: 'cpu',
      blockedChannels: null,
    });
    const other = await createOrtEngine({ ...options, ort: withoutBlocks(ort), device: 'cpu' });
    const expected = await trainWith(standard, [1, 2]);
    expectSameBits((await trainWith(other, [1, 2])).state, expected.state);
  });

  test('a runtime without the quirk trains the plain way', async () => {
    const options = optionsOf(model);
    const quick = await trainWith(
      await createOrtEngine({ ...options, ort, device: 'cpu', threads: 2 }),
      [1, 2],
    );
    const other = withoutQuirk(ort);
    const plain = await trainWith(
      await createOrtEngine({ ...options, ort: other, device: 'cpu', threads: 2 }),
      [1, 2],
    );
    expectSameBits(plain.state, quick.state);
  });

  test('goes on from a state as if it had never stopped', async () => {
    const options = optionsOf(model);
    const make = (state: EngineState) =>
      createOrtEngine({ ...options, state, ort, device: 'cpu', threads: 2 });
    const whole = await trainWith(await make(options.state), [1, 2, 3, 4]);
    const first = await trainWith(await make(options.state), [1, 2]);
    const second = await trainWith(await make(first.state), [3, 4]);
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    expectSameBits(second.state, whole.state);
  });

  test("leaves the caller's weights alone", async () => {
    const before = model.weights.get('conv1.weight')?.data.slice();
    await trainWith(await createOrtEngine({ ...optionsOf(model), ort, device: 'cpu' }), [1]);
    expect(model.weights.get('conv1.weight')?.data).toEqual(before);
  });

  test('a batch in two parts learns what the whole batch teaches, and in place the same bits', async () => {
    const options = optionsOf(model);
    const make = (more: Partial<EngineOptions> & { inPlace?: boolean }) =>
      createOrtEngine({ ...options, ...more, ort, device: 'cpu', threads: 2 });
    const whole = await trainWith(await make({}), [1, 2, 3]);
    const inPlace = await trainWith(await make({ microBatches: 2, inPlace: true }), [1, 2, 3]);
    const plain = await trainWith(await make({ microBatches: 2, inPlace: false }), [1, 2, 3]);
    expect(plain.losses).toEqual(inPlace.losses);
    expectSameBits(plain.state, inPlace.state);
    for (const [step, loss] of whole.losses.entries()) {
      expect(Math.abs((inPlace.losses[step] ?? Number.NaN) / loss - 1)).toBeLessThan(1e-5);
    }
    for (const [name, { data }] of whole.state) {
      const found = inPlace.state.get(name)?.data ?? [];
      const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const worst = data.reduce((max, v, i) => Math.max(max, Math.abs(v - (found[i] ?? NaN))), 0);
      expect(worst, name).toBeLessThanOrEqual(1e-5 * largest);
    }
  });

  test('a batch that cannot be cut into equal parts is refused', async () => {
    const options = { ...optionsOf(model), microBatches: 3, ort, device: 'cpu' } as const;
    await expect(createOrtEngine(options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'A batch of 4 cannot be cut into 3 equal parts.',
    });
  });

  test('where an average is kept, forward goes by it', async () => {
    const rule = { ...optionsOf(model).rule, averageDecay: 0.5 };
    const engine = await createOrtEngine({ ...optionsOf(model), rule, ort, device: 'cpu' });
    const targets = createTargets([0, 1, 2, 0], { batchSize: BATCH, classes: CLASSES }).rows;
    const weights: EngineState[] = [];
    for (const step of [1, 2]) {
      const input = { images: imagesOf(step), targets: targets.slice(), normalizer: BATCH };
      await engine.step({ ...input, learningRate: 0.01, step });
      weights.push(await engine.readState());
    }
    const images = imagesOf(9);
    const logits = await engine.forward(images.slice());
    await engine.dispose();
    // After two steps the average is half the weights of the first and half those of the second.
    const averaged = new Map(
      model.graph.parameters.map(({ name, shape }) => {
        const [first, second] = weights.map((state) => state.get(name)?.data ?? new Float32Array());
        return [
          name,
          {
            shape,
            data: (first ?? new Float32Array()).map((v, i) => (v + (second?.[i] ?? NaN)) / 2),
          },
        ];
      }),
    );
    const input = { shape: [BATCH, ...model.graph.input.shape], data: images };
    const expected = interpret(model.graph, averaged, input).get('logits')?.data ?? [];
    const largest = Math.max(...expected.map(Math.abs));
    for (const [index, value] of logits.entries()) {
      expect(Math.abs(value - (expected[index] ?? Number.NaN))).toBeLessThan(1e-5 * largest);
    }
  });

  test('frozen parameters stay, the others move', async () => {
    const frozen = ['conv1.weight', 'conv1.bias', 'conv3.weight'];
    const { state } = await trainWith(
      await createOrtEngine({ ...optionsOf(model), frozen, ort, device: 'cpu' }),
      [1, 2],
    );
    for (const { name } of model.graph.parameters) {
      const same = bytesOf(state.get(name)).equals(bytesOf(model.weights.get(name)));
      expect(same, name).toBe(frozen.includes(name));
    }
  });

  test('forward gives what the interpreter gives', async () => {
    const engine = await createOrtEngine({ ...optionsOf(model), ort, device: 'cpu' });
    const images = imagesOf(9);
    const logits = await engine.forward(images);
    await engine.dispose();
    const input = { shape: [BATCH, ...model.graph.input.shape], data: images };
    const expected = interpret(model.graph, model.weights, input).get('logits')?.data ?? [];
    const largest = Math.max(...expected.map(Math.abs));
    for (const [index, value] of logits.entries()) {
      expect(Math.abs(value - (expected[index] ?? Number.NaN))).toBeLessThan(1e-5 * largest);
    }
  });

  test('a state of another network is refused by name', async () => {
    const other = createModel('mini', { classes: 4, inputSize: 67 });
    const options = { ...optionsOf(model), state: other.weights };
    await expect(createOrtEngine({ ...options, ort, device: 'cpu' })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringContaining('fc8.weight should be [3, 256], but is [4, 256]'),
    });
    await expect(createWorkerEngineFactory()(options)).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
  });

  test('its thread answers while a step runs: timers go on', async () => {
    const engine = await createWorkerEngineFactory({ threads: 1 })(
      optionsOf(createModel('mini', { classes: CLASSES })),
    );
    const { data } = createTensor([BATCH, 3, 227, 227]);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 5);
    const startedMs = performance.now();
    const targets = createTargets([0, 1, 2, 0], { batchSize: BATCH, classes: CLASSES }).rows;
    await engine.step({ images: data, targets, normalizer: BATCH, learningRate: 0.01, step: 1 });
    const elapsedMs = performance.now() - startedMs;
    clearInterval(timer);
    await engine.dispose();
    expect(ticks).toBeGreaterThan(elapsedMs / 5 / 4);
  });
});
