import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildForward,
  buildTrainingStep,
  checkInPlaceUpdate,
  type TrainingStep,
} from '@alexnet/autodiff';
import { createNetwork, type Graph, isPresetId, sizeOf } from '@alexnet/core';
import { type Float64Tensor, interpret } from '@alexnet/core/interpret';
import { decodeModel } from '@alexnet/export';
import { afterAll, describe, expect, test } from 'vitest';
import {
  checksum,
  type GoldenCase,
  type GoldenNetwork,
  type GoldenSummary,
  listedChecksums,
  readGolden,
} from './golden/golden-files.ts';
import { hashedMask, hashedValues, samplePositions } from './golden/hashed-values.ts';
import { TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';
import { asParameters, inputGradient, withInputAsParameter } from './ops/input-as-parameter.ts';
import {
  type ArrayWithShape,
  createSession,
  readFloats,
  runGradients,
  runUpdates,
  type StepFeeds,
  type StepResults,
  toTensors,
} from './ops/run-step.ts';

const OPTIMIZER = { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 } as const;

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('gradients/'));
  expect(listed.length).toBe(4);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

describe('gradients of each op', () => {
  const { cases } = readGolden('gradients/ops.json.gz');

  test('the cases reach every op', () => {
    const reached = new Set(cases.flatMap(({ graph }) => graph.nodes.map(({ op }) => op)));
    expect([...reached].sort()).toEqual(
      ['Conv', 'Dropout', 'Flatten', 'Gemm', 'LRN', 'MaxPool', 'Relu', 'Softmax'].sort(),
    );
  });

  describe.each(cases)('$name', (golden) => {
    test('agree with PyTorch in float64', async () => {
      const actual = await runCase(golden);
      expectAllClose([actual.loss], [golden.loss], {
        name: 'loss',
        tolerance: TOLERANCES.loss * Math.abs(golden.loss),
      });
      expectRelativelyClose(actual.logits, golden.logits.data, 'logits', TOLERANCES.opGradient);
      for (const [name, gradient] of Object.entries(golden.gradients)) {
        const found = actual.gradients.get(name) ?? [];
        expectRelativelyClose(found, gradient.data, name, TOLERANCES.opGradient);
      }
      const image = inputGradient(actual.gradients, golden.image.shape);
      expectRelativelyClose(image, golden.imageGradient.data, 'image', TOLERANCES.opGradient);
    });

    test('agree with finite differences of the interpreter', async () => {
      const actual = await runCase(golden);
      const arrays = new Map([['image', golden.image], ...Object.entries(golden.parameters)]);
      for (const [name, { shape, data }] of arrays) {
        const found =
          name === 'image'
            ? inputGradient(actual.gradients, shape)
            : (actual.gradients.get(name) ?? []);
        const expected = data.map((_value, i) => finiteDifference(golden, arrays, name, i));
        expectRelativelyClose(found, expected, name, TOLERANCES.finiteDifference);
      }
    });
  });
});

describe.each(['gradients/mini.json.gz', 'gradients/caffe-alexnet.json.gz'] as const)(
  '%s',
  (file) => {
    const golden = readGolden(file);

    test('a whole step agrees with PyTorch in float64', async () => {
      const graph = createGraph(golden);
      const { batchSize, pictures } = golden;
      const step = buildTrainingStep(graph, { batchSize, optimizer: OPTIMIZER, form: 'gradients' });
      const actual = await runGradients(step, hashedParameters(graph), hashedFeeds(step, pictures));
      expectAllClose([actual.loss], [golden.loss], {
        name: 'loss',
        tolerance: TOLERANCES.loss * golden.loss,
      });
      expectSummary(actual.logits, golden.logits, {
        name: 'logits',
        seed: 2000,
        tolerance: TOLERANCES.networkGradient,
      });
      const names = Object.keys(golden.gradients);
      expect([...actual.gradients.keys()]).toEqual(names);
      for (const [index, name] of names.entries()) {
        const expected = golden.gradients[name];
        const found = actual.gradients.get(name);
        if (!expected || !found) throw new Error(`no gradient of ${name}`);
        expectSummary(found, expected, {
          name,
          seed: 3000 + index,
          tolerance: TOLERANCES.networkGradient,
        });
      }
    });
  },
);

describe('five steps of mini, in place and with fresh arrays the same bits,', () => {
  const { runs } = readGolden('gradients/optimizers.json.gz');

  test.each(runs)('$name', async ({ config, learningRates, losses, weights }) => {
    const { graph } = createNetwork('mini');
    const step = buildTrainingStep(graph, { batchSize: 4, optimizer: config });
    const actual = hashedParameters(graph);
    const run = { config, learningRates, feedsOf: (index: number) => hashedFeeds(step, 4, index) };
    const found = await runUpdates(step, actual, { ...run, inPlace: true });
    expectRelativelyClose(found, losses, 'losses', TOLERANCES.loss);
    for (const [index, [name, expected]] of Object.entries(weights).entries()) {
      expectSummary(actual.get(name)?.data ?? new Float32Array(), expected, {
        name,
        seed: 4000 + index,
        tolerance: TOLERANCES.trainedWeight,
      });
    }
    const fresh = hashedParameters(graph);
    expect(await runUpdates(step, fresh, { ...run, inPlace: false })).toEqual(found);
    for (const [name, { data }] of fresh) {
      expect(
        data.every((value, i) => value === actual.get(name)?.data[i]),
        name,
      ).toBe(true);
    }
  });
});

describe('onnxruntime, when it optimises a step,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-step-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['mini', 'mnist', 'torchvision'] as const)(
    'leaves %s safe in place',
    async (preset) => {
      const { graph } = createNetwork(preset);
      const { model, state } = buildTrainingStep(graph, { batchSize: 2, optimizer: OPTIMIZER });
      const file = join(folder, `${preset}.onnx`);
      const session = await createSession(model, { optimizedModelFilePath: file });
      await session.release();
      const optimized = decodeModel(readFileSync(file));
      expect(optimized.graph.node.length).toBeLessThan(model.graph.node.length);
      checkInPlaceUpdate(optimized, state);
    },
  );
});

describe('the forward pass with dropout off', () => {
  const { graph } = createNetwork('mini');
  const weights = hashedParameters(graph);

  test.each(['dynamic', 2] as const)(
    'with batch size %s agrees with the interpreter',
    async (batchSize) => {
      const forward = buildForward(graph, { batchSize });
      const image = {
        shape: [2, ...graph.input.shape],
        data: hashedValues(5, 2 * sizeOf(graph.input.shape), 100),
      };
      const session = await createSession(forward.model);
      const results = await session.run(toTensors(new Map([...weights, ['image', image]])));
      await session.release();
      const expected = interpret(graph, weights, image).get(graph.output);
      expectRelativelyClose(
        readFloats(results, 'logits'),
        expected?.data ?? [],
        'logits',
        TOLERANCES.networkGradient,
      );
    },
  );
});

async function runCase(golden: GoldenCase): Promise<StepResults> {
  const batchSize = golden.target.shape[0] ?? 0;
  const step = buildTrainingStep(withInputAsParameter(golden.graph, batchSize), {
    batchSize,
    optimizer: OPTIMIZER,
    form: 'gradients',
    trainable: (parameter) => parameter !== 'input.bias',
  });
  const { image, parameters } = asParameters(golden.image);
  const own = Object.entries(golden.parameters).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  return runGradients(step, new Map([...parameters, ...own]), {
    image,
    target: Float32Array.from(golden.target.data),
    normalizer: golden.normalizer,
    masks: new Map(
      Object.entries(golden.masks).map(([node, { data }]) => [node, Float32Array.from(data)]),
    ),
  });
}

/** Central difference of the interpreter's loss by one element. */
function finiteDifference(
  golden: GoldenCase,
  arrays: ReadonlyMap<string, { shape: readonly number[]; data: readonly number[] }>,
  name: string,
  index: number,
): number {
  const h = 1e-4;
  const lossAt = (offset: number) => {
    const tensors = new Map<string, Float64Tensor>();
    for (const [key, { shape, data }] of arrays) {
      tensors.set(key, { shape, data: Float64Array.from(data) });
    }
    const moved = tensors.get(name)?.data;
    if (moved) moved[index] = (moved[index] ?? Number.NaN) + offset;
    return interpretLoss(golden, tensors);
  };
  return (lossAt(h) - lossAt(-h)) / (2 * h);
}

/** −Σ target · log softmax(logits) / normalizer, in float64. */
function interpretLoss(
  { graph, masks, target, normalizer }: GoldenCase,
  tensors: ReadonlyMap<string, Float64Tensor>,
): number {
  const image = tensors.get('image');
  const last = graph.nodes.at(-1);
  const logitsName = last?.op === 'Softmax' ? last.inputs[0] : graph.output;
  if (!image) throw new Error('a case without an image');
  const values = interpret(graph, tensors, image, {
    taps: [logitsName],
    masks: new Map(
      Object.entries(masks).map(([node, { shape, data }]) => [
        node,
        { shape, data: Float64Array.from(data) },
      ]),
    ),
  });
  const logits = values.get(logitsName)?.data ?? new Float64Array();
  const [rows = 0, classes = 0] = target.shape;
  let sum = 0;
  for (let n = 0; n < rows; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const max = Math.max(...row);
    const logSum = Math.log(row.reduce((total, value) => total + Math.exp(value - max), 0)) + max;
    for (const [j, value] of row.entries()) {
      sum += (target.data[n * classes + j] ?? 0) * (value - logSum);
    }
  }
  return -sum / normalizer;
}

function createGraph({ preset, classes }: GoldenNetwork): Graph {
  if (!isPresetId(preset)) throw new Error(`unknown preset ${preset}`);
  return createNetwork(preset, { classes }).graph;
}

/** As `hashed_parameters` of make_gradients.py. */
function hashedParameters(graph: Graph): ReadonlyMap<string, ArrayWithShape> {
  const layers = [...new Set(graph.parameters.map(({ name }) => layerOf(name)))];
  return new Map(
    graph.parameters.map(({ name, shape }) => {
      const seed = layers.indexOf(layerOf(name)) + 1;
      const bound = Math.sqrt(6 / sizeOf(shape.slice(1))) * (name === 'fc8.weight' ? 0.01 : 1);
      const data = name.endsWith('.bias')
        ? hashedValues(200 + seed, sizeOf(shape), 0.125)
        : hashedValues(100 + seed, sizeOf(shape), bound);
      return [name, { shape, data }];
    }),
  );
}

/** As `hashed_batch` of make_gradients.py. */
function hashedFeeds(step: TrainingStep, pictures: number, index = 0): StepFeeds {
  const [rows = 0, classes = 0] = step.target.shape;
  const target = new Float32Array(rows * classes);
  for (let row = 0; row < pictures; row++) target[row * classes + ((7 * row + 3) % classes)] = 1;
  const seeds = new Map([
    ['drop6', 1006],
    ['drop7', 1007],
  ]);
  return {
    image: hashedValues(1, sizeOf(step.image.shape), 100),
    target,
    normalizer: pictures,
    masks: new Map(
      step.masks.map(({ node, shape, ratio }) => {
        const seed = (seeds.get(node) ?? Number.NaN) + 10 * index;
        return [node, hashedMask(seed, sizeOf(shape), ratio)];
      }),
    ),
  };
}

function layerOf(parameter: string): string {
  return parameter.slice(0, parameter.lastIndexOf('.'));
}

function expectRelativelyClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  name: string,
  tolerance: number,
): void {
  expectAllClose(actual, expected, { name, tolerance: tolerance * largest(expected) });
}

function expectSummary(
  actual: Float32Array,
  expected: GoldenSummary,
  { name, seed, tolerance }: { name: string; seed: number; tolerance: number },
): void {
  expect(actual.length, `size of ${name}`).toBe(sizeOf(expected.shape));
  const { max, l1, l2, sum } = expected;
  const positions = samplePositions(seed, actual.length, expected.samples.length);
  const samples = positions.map((position) => actual[position] ?? Number.NaN);
  expectAllClose(samples, expected.samples, { name, tolerance: tolerance * max });
  const figures = { max: 0, l1: 0, squares: 0, sum: 0 };
  for (const value of actual) {
    figures.max = Math.max(figures.max, Math.abs(value));
    figures.l1 += Math.abs(value);
    figures.squares += value * value;
    figures.sum += value;
  }
  const norm = Math.sqrt(figures.squares);
  expectAllClose([figures.max], [max], { name: `max |${name}|`, tolerance: tolerance * max });
  expectAllClose([figures.l1], [l1], { name: `Σ |${name}|`, tolerance: tolerance * l1 });
  expectAllClose([norm], [l2], { name: `‖${name}‖`, tolerance: tolerance * l2 });
  expectAllClose([figures.sum], [sum], { name: `Σ ${name}`, tolerance: tolerance * l1 });
}
