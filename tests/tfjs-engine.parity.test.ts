// TensorFlow's engine against the float64 interpreter and against onnxruntime's, preset by preset.
import {
  createModel,
  createRandom,
  createTensor,
  type Graph,
  type Model,
  PRESET_IDS,
  type PresetId,
  type Tensor,
} from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import {
  createTargets,
  type EngineFactory,
  type EngineOptions,
  type EngineState,
  measureGradients,
  type TrainingEngine,
} from '@alexnet/train';
import {
  createWorkerEngineFactory,
  loadOnnxRuntime,
  startTfjsEngine,
  startTfjsNetwork,
} from '@alexnet/train/node';
import { createOrtEngine } from '@alexnet/train/ort';
import { beforeEach, describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, expectRelativelyClose, largest } from './ops/compare.ts';
import * as normalised from './ops/normalised-network.ts';
import { requireTensorFlow } from './ops/tensorflow.ts';

beforeEach(requireTensorFlow);

const CLASSES = 5;
const BATCH = 4;
/**
 * keras-bn normalises features, one number a picture: of four, their variance has few digits, and two ways of
 * onnxruntime's own to compute the convolutions differ by 7e-4 in its gradients.
 */
const ENOUGH_FOR_ITS_FEATURES = 32;
/** Those that are small as they are. */
const WHOLE: readonly PresetId[] = ['mini', 'mnist', 'cifar-relu', 'cifar-tanh'];
const ort = await loadOnnxRuntime();
const onTensorFlow: EngineFactory = (options) => startTfjsEngine({ ...options, device: 'cpu' });
const onOnnxRuntime: EngineFactory = (options) =>
  createOrtEngine({ ...options, ort, device: 'cpu' });

function createSmall(preset: PresetId): Model {
  const width = WHOLE.includes(preset) ? {} : { widthMultiplier: 0.1 };
  return createModel(preset, { classes: CLASSES, seed: 3, ...width });
}

function noiseOf(shape: readonly number[], seed: number): Tensor {
  const tensor = createTensor(shape);
  createRandom(seed).fillNormal(tensor.data);
  return tensor;
}

function inputOf(graph: Graph, step: number, batchSize = BATCH) {
  const labels = Array.from({ length: batchSize }, (_, row) => (row + step) % CLASSES);
  const { rows } = createTargets(labels, { batchSize, classes: CLASSES });
  const { data } = noiseOf([batchSize, ...graph.input.shape], step);
  return { images: data, targets: rows, normalizer: batchSize, learningRate: 0.01, step };
}

function optionsOf({ graph, weights }: Model, more: Partial<EngineOptions> = {}): EngineOptions {
  return {
    graph,
    batchSize: BATCH,
    rule: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
    state: weights,
    frozen: [],
    seed: 1,
    ...more,
  };
}

async function train(engine: TrainingEngine, graph: Graph, steps: readonly number[]) {
  const losses: number[] = [];
  const logits: Float32Array[] = [];
  for (const step of steps) {
    const output = await engine.step(inputOf(graph, step));
    losses.push(output.loss);
    logits.push(output.logits);
  }
  const state = await engine.readState();
  await engine.dispose();
  return { losses, logits, state };
}

/** Biases whose gradient is zero, but for rounding: batch normalisation takes them off again. */
function withoutEffect({ nodes }: Graph): ReadonlySet<string> {
  const normalized = new Set(
    nodes.flatMap(({ op, inputs }) => (op === 'BatchNormalization' ? [inputs[0]] : [])),
  );
  return new Set(
    nodes.flatMap(({ op, inputs, output }) =>
      (op === 'Conv' || op === 'Gemm') && normalized.has(output) ? [inputs[2]] : [],
    ),
  );
}

describe.each(PRESET_IDS)('%s', (preset) => {
  const { graph, weights } = createSmall(preset);

  test('every value, as the interpreter has it', async () => {
    const images = noiseOf([2, ...graph.input.shape], 4);
    const names = graph.nodes.map(({ output }) => output);
    const network = await startTfjsNetwork({ graph, weights, device: 'cpu' });
    const found = network.run(images, names);
    network.dispose();
    const expected = interpret(graph, weights, images, { taps: names });
    for (const name of names) {
      expect(found.get(name)?.shape, name).toEqual(expected.get(name)?.shape);
      const [a = [], b = []] = [found, expected].map((values) => values.get(name)?.data);
      expectRelativelyClose(a, b, name, AGREEMENT_TOLERANCES.tfjs);
    }
  });

  test('every gradient, as onnxruntime has it', async () => {
    const batchSize = preset === 'keras-bn' ? ENOUGH_FOR_ITS_FEATURES : BATCH;
    const [expected, found] = await Promise.all(
      [onOnnxRuntime, onTensorFlow].map((createEngine) =>
        measureGradients({
          graph,
          state: weights,
          frozen: [],
          batchSize,
          microBatches: 1,
          seed: 1,
          createEngine,
          input: inputOf(graph, 1, batchSize),
        }),
      ),
    );
    const zero = withoutEffect(graph);
    const names = [...(expected?.keys() ?? [])];
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const [a = [], b = []] = [found, expected].map((state) => state?.get(name)?.data);
      const of = zero.has(name) ? name.replace(/bias$/, 'weight') : name;
      const scale = largest(expected?.get(of)?.data ?? []);
      expect(scale, name).toBeGreaterThan(0);
      expectAllClose(a, b, { name, tolerance: AGREEMENT_TOLERANCES.tfjsGradient * scale });
    }
  });
});

describe('the engine on TensorFlow', () => {
  const model = createModel('mini', { classes: CLASSES, inputSize: 67 });
  const { graph } = model;

  test('says where it runs', async () => {
    const engine = await onTensorFlow(optionsOf(model));
    expect(engine.info).toMatchObject({ engine: 'tfjs', device: 'cpu' });
    expect(engine.info.version).toMatch(/^4\.22\.0 with TensorFlow \d+\.\d+\.\d+$/);
    await engine.dispose();
  });

  test('in a thread of its own: the same bits', async () => {
    const here = await train(await onTensorFlow(optionsOf(model)), graph, [1, 2, 3]);
    const create = createWorkerEngineFactory({ engine: 'tfjs' });
    const there = await train(await create(optionsOf(model)), graph, [1, 2, 3]);
    expect(there.losses).toEqual(here.losses);
    expect([...there.state.keys()].sort()).toEqual([...here.state.keys()].sort());
    for (const [name, { data }] of here.state) expect(there.state.get(name)?.data).toEqual(data);
  });

  test('goes on from a state, its own or the other engine’s, as if it had never stopped', async () => {
    const whole = await train(await onTensorFlow(optionsOf(model)), graph, [1, 2, 3, 4]);
    for (const begin of [onTensorFlow, onOnnxRuntime]) {
      const first = await train(await begin(optionsOf(model)), graph, [1, 2]);
      const second = await train(
        await onTensorFlow(optionsOf(model, { state: first.state })),
        graph,
        [3, 4],
      );
      const losses = [...first.losses, ...second.losses];
      expectRelativelyClose(losses, whole.losses, 'losses', AGREEMENT_TOLERANCES.tfjsLoss);
      if (begin === onTensorFlow) expect(losses).toEqual(whole.losses);
    }
  });

  test("leaves the caller's weights alone", async () => {
    const before = model.weights.get('conv1.weight')?.data.slice();
    await train(await onTensorFlow(optionsOf(model)), graph, [1]);
    expect(model.weights.get('conv1.weight')?.data).toEqual(before);
  });

  test('drops the values that the other engine drops', async () => {
    const dropping = createModel('mini', { classes: CLASSES, inputSize: 67, dropout: 0.5 });
    const [a, b] = [
      await train(await onTensorFlow(optionsOf(dropping)), graph, [7]),
      await train(await onOnnxRuntime(optionsOf(dropping)), graph, [7]),
    ];
    const other = await train(await onOnnxRuntime(optionsOf(dropping, { seed: 2 })), graph, [7]);
    expect(other.logits).not.toEqual(b.logits);
    const [found = [], expected = []] = [a.logits[0], b.logits[0]];
    expectRelativelyClose(found, expected, 'logits', AGREEMENT_TOLERANCES.tfjs);
  });

  test('a batch in two parts learns what the other engine learns of it', async () => {
    const options = optionsOf(model, { microBatches: 2 });
    const found = await train(await onTensorFlow(options), graph, [1, 2, 3]);
    const expected = await train(await onOnnxRuntime(options), graph, [1, 2, 3]);
    expectSameTraining(found, expected);
    await expect(onTensorFlow(optionsOf(model, { microBatches: 3 }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'A batch of 4 cannot be cut into 3 equal parts.',
    });
  });

  test('frozen parameters stay, and keep no arrays of the optimiser', async () => {
    const frozen = ['conv1.weight', 'conv1.bias'];
    const { state } = await train(await onTensorFlow(optionsOf(model, { frozen })), graph, [1]);
    for (const { name } of graph.parameters) {
      const isSame = state.get(name)?.data.every((v, i) => v === model.weights.get(name)?.data[i]);
      expect(isSame, name).toBe(frozen.includes(name));
      expect(state.has(`${name}/momentum`), name).toBe(!frozen.includes(name));
    }
  });

  test('forward goes by the average where one is kept', async () => {
    const rule = { ...optionsOf(model).rule, averageDecay: 0.5 };
    const scores = await Promise.all(
      [onTensorFlow, onOnnxRuntime].map(async (create) => {
        const engine = await create(optionsOf(model, { rule }));
        for (const step of [1, 2]) await engine.step(inputOf(graph, step));
        const logits = await engine.forward(inputOf(graph, 9).images);
        await engine.dispose();
        return logits;
      }),
    );
    const [found = [], expected = []] = scores;
    expectRelativelyClose(found, expected, 'logits', AGREEMENT_TOLERANCES.tfjs);
  });

  test('weights of another network are refused', async () => {
    const state: EngineState = new Map([...model.weights].slice(1));
    await expect(onTensorFlow(optionsOf(model, { state }))).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringContaining('conv1.weight should be'),
    });
  });

  test('a device that is not there is refused, in both ways to ask for it', async () => {
    for (const create of [
      (options: EngineOptions) => startTfjsEngine({ ...options, device: 'cuda' }),
      createWorkerEngineFactory({ engine: 'tfjs', device: 'cuda' }),
    ]) {
      await expect(create(optionsOf(model))).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:DEVICE_UNAVAILABLE|MISSING_DEPENDENCY)$/),
        hint: expect.stringContaining('alexnet setup tfjs --gpu'),
      });
    }
  });
});

describe('batch normalisation', () => {
  const { graph, weights, picturesOf, targetsOf, labelsOf, RULE } = normalised;
  const options = { graph, batchSize: normalised.BATCH, rule: RULE, state: weights, seed: 1 };

  /** Every third batch is two pictures short, and one has none at all. */
  async function trainNormalised(engine: TrainingEngine) {
    const losses: number[] = [];
    for (const [step, pictures] of [6, 6, 4, 0, 6].entries()) {
      const images = picturesOf(step + 1, normalised.BATCH);
      // What lies in the rows of no picture must not matter.
      const targets = targetsOf(labelsOf(pictures), normalised.BATCH);
      const normalizer = Math.max(1, pictures);
      const input = { images, targets, normalizer, learningRate: 0.05, step: step + 1 };
      losses.push((await engine.step(input)).loss);
    }
    const state = await engine.readState();
    const logits = await engine.forward(picturesOf(99, normalised.BATCH));
    await engine.dispose();
    return { losses, logits: [logits], state };
  }

  test.each([
    ['whole batches', { frozen: [] }],
    ['in parts', { frozen: [], microBatches: 2 }],
    ['a frozen layer', { frozen: ['norm1.scale', 'norm1.bias'] }],
    ['a frozen statistic', { frozen: ['norm2.mean'] }],
  ])('%s: statistics, losses and scores are those of the other engine', async (_name, more) => {
    const found = await trainNormalised(await onTensorFlow({ ...options, ...more }));
    const expected = await trainNormalised(await onOnnxRuntime({ ...options, ...more }));
    expectSameTraining(found, expected);
  });
});

interface Trained {
  readonly losses: readonly number[];
  readonly logits: readonly Float32Array[];
  readonly state: EngineState;
}

function expectSameTraining(found: Trained, expected: Trained): void {
  const tolerance = AGREEMENT_TOLERANCES.tfjsLoss;
  expectRelativelyClose(found.losses, expected.losses, 'losses', tolerance);
  for (const [step, logits] of expected.logits.entries()) {
    expectRelativelyClose(found.logits[step] ?? [], logits, `logits of step ${step}`, tolerance);
  }
  expect([...found.state.keys()].sort()).toEqual([...expected.state.keys()].sort());
  for (const [name, { data }] of expected.state) {
    if (name.endsWith('/momentum')) continue;
    expectRelativelyClose(found.state.get(name)?.data ?? [], data, name, tolerance);
  }
}
