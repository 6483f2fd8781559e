import { describe, expect, test } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { interpret } from '../interpret/interpret.ts';
import { createModel, createNetwork } from '../model/create-model.ts';
import type { PresetId } from '../presets/index.ts';
import { createRandom, type Random } from '../random.ts';
import { createTensor, type Tensor, type Weights } from '../tensor.ts';
import { randomTensor } from '../test-model.ts';
import { type InitScheme, initializeWeights } from './initialize-weights.ts';
import { constant } from './initializer.ts';

const { graph: caffe } = createNetwork('caffe-alexnet', { widthMultiplier: 0.25, inputSize: 99 });

/** √ of the variance of a standard normal cut off at ±2: 1 − 4 φ(2) / (2 Φ(2) − 1) */
const TRUNCATED_STD = Math.sqrt(1 - (4 * 0.0539909665) / 0.9544997361);

/** Fresh values of one parameter, without making those of the others. */
function valuesOf(graph: Graph, name: string, init: InitScheme, seed = 1): Float32Array {
  const parameters = graph.parameters.filter((parameter) => parameter.name === name);
  const values = initializeWeights({ ...graph, parameters }, { seed, init }).get(name)?.data;
  return values ?? new Float32Array();
}

/** Mean, deviation, kurtosis (3 of a normal, 1.8 of a uniform distribution) and the largest distance from 0. */
function momentsOf(values: Float32Array | Float64Array) {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let [variance, fourth, largest] = [0, 0, 0];
  for (const value of values) {
    const square = (value - mean) * (value - mean);
    variance += square / values.length;
    // Not to the power of 4, which takes ten times as long.
    fourth += (square * square) / values.length;
    largest = Math.max(largest, Math.abs(value));
  }
  return { mean, std: Math.sqrt(variance), kurtosis: fourth / variance ** 2, largest };
}

interface Expected {
  readonly std: number;
  readonly kurtosis: number;
  /** No value is further from 0, and some come near. */
  readonly bound?: number;
}

const normal = (std: number): Expected => ({ std, kurtosis: 3 });
const uniform = (bound: number): Expected => ({
  std: bound / Math.sqrt(3),
  kurtosis: 1.8,
  bound,
});
// ∫ x⁴ φ / ∫ φ over ±2 is 3 − (8 + 3 · 2) · 2 φ(2) / 0.9545 = 1.4161; divided by the variance squared
const truncated = (std: number): Expected => ({
  std: std * TRUNCATED_STD,
  kurtosis: (3 - (14 * 2 * 0.0539909665) / 0.9544997361) / TRUNCATED_STD ** 4,
  bound: 2 * std,
});

/** Within five standard errors of what is expected of so many values. */
function expectDistribution(values: Float32Array, { std, kurtosis, bound }: Expected) {
  const actual = momentsOf(values);
  const root = Math.sqrt(values.length);
  expect(values.length).toBeGreaterThan(500);
  expect(Math.abs(actual.mean) / std).toBeLessThan(5 / root);
  expect(Math.abs(actual.std / std - 1)).toBeLessThan(5 / root);
  expect(Math.abs(actual.kurtosis - kurtosis)).toBeLessThan(25 / root);
  if (bound === undefined) return;
  expect(actual.largest).toBeLessThanOrEqual(Math.fround(bound));
  expect(actual.largest).toBeGreaterThan(bound * (1 - 50 / values.length));
}

describe('published', () => {
  const narrow = { widthMultiplier: 0.125 };
  // Convolutions at full size, fully connected layers at an eighth of it.
  test.each<[PresetId, string, Expected, object?]>([
    ['paper', 'conv1', normal(0.01)],
    ['paper', 'conv4', normal(0.01)],
    ['paper', 'fc6', normal(0.01), narrow],
    ['paper', 'fc8', normal(0.01), narrow],
    ['paper-code', 'conv1', normal(0.01)],
    ['paper-code', 'conv2', normal(0.01)],
    ['paper-code', 'conv3', normal(0.03)],
    ['paper-code', 'conv4', normal(0.03)],
    ['paper-code', 'conv5', normal(0.03)],
    ['paper-code', 'fc7', normal(0.01), narrow],
    ['caffe-alexnet', 'conv5', normal(0.01)],
    ['caffe-alexnet', 'fc6', normal(0.005), narrow],
    ['caffe-alexnet', 'fc7', normal(0.005), narrow],
    ['caffe-alexnet', 'fc8', normal(0.01), narrow],
    ['caffenet', 'conv2', normal(0.01)],
    ['caffenet', 'fc7', normal(0.005), narrow],
    ['guerzhoy', 'fc7', normal(0.005), narrow],
    ['onnx-zoo', 'fc7', normal(0.005), narrow],
    ['one-weird-trick', 'conv2', normal(0.01)],
    ['one-weird-trick', 'conv5', normal(0.03)],
    ['ungrouped', 'conv3', normal(0.01)],
    ['extra-conv', 'conv6', normal(0.01)],
    // ±1 / √fan-in, fan-in 3 · 11², 64 · 5², 384 · 3², 512
    ['torchvision', 'conv1', uniform(1 / Math.sqrt(363))],
    ['torchvision', 'conv2', uniform(1 / Math.sqrt(1600))],
    ['torchvision', 'conv4', uniform(1 / Math.sqrt(3456))],
    ['torchvision', 'fc7', uniform(1 / Math.sqrt(512)), narrow],
    // ±√(3 / fan-in), fan-in 3 · 11², 384 · 3²
    ['tflearn', 'conv1', uniform(Math.sqrt(3 / 363))],
    ['tflearn', 'conv5', uniform(Math.sqrt(3 / 3456))],
    ['tflearn', 'fc7', truncated(0.02), narrow],
    ['tflearn', 'fc8', truncated(0.02), narrow],
    // ±√(6 / (fan-in + fan-out))
    ['slim-v2', 'conv2', uniform(Math.sqrt(6 / ((64 + 192) * 25)))],
    ['slim-v2', 'fc7', truncated(0.005), narrow],
    ['slim-v2', 'fc8', truncated(0.005), narrow],
    ['keras-bn', 'conv1', uniform(Math.sqrt(6 / ((3 + 96) * 121)))],
    ['keras-bn', 'conv3', uniform(Math.sqrt(6 / ((256 + 384) * 9)))],
    ['keras-bn', 'fc7', uniform(Math.sqrt(6 / 1024)), narrow],
    ['mnist', 'conv1', normal(1)],
    ['mnist', 'conv3', normal(1)],
    ['cifar-relu', 'conv1', normal(0.0001)],
    ['cifar-tanh', 'conv3', normal(0.01)],
    ['cifar-relu', 'fc4', normal(0.1)],
  ])('%s: weights of %s', (id, layer, expected, options = {}) => {
    const { graph } = createNetwork(id, options);
    expectDistribution(valuesOf(graph, `${layer}.weight`, 'published'), expected);
  });

  // conv1 … conv5, fc6, fc7, fc8
  test.each<[PresetId, number[]]>([
    ['paper', [0, 1, 0, 1, 1, 1, 1, 0]],
    ['paper-code', [0, 1, 0, 1, 1, 1, 1, 0]],
    ['ungrouped', [0, 1, 0, 1, 1, 1, 1, 0]],
    ['caffe-alexnet', [0, 0.1, 0, 0.1, 0.1, 0.1, 0.1, 0]],
    ['caffenet', [0, 1, 0, 1, 1, 1, 1, 0]],
    ['guerzhoy', [0, 0.1, 0, 0.1, 0.1, 0.1, 0.1, 0]],
    ['onnx-zoo', [0, 0.1, 0, 0.1, 0.1, 0.1, 0.1, 0]],
    ['one-weird-trick', [0, 1, 0, 1, 1, 1, 1, -7]],
    ['slim-v2', [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0]],
    ['tflearn', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['keras-bn', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s: biases', (id, expected) => {
    const { graph } = createNetwork(id);
    const layers = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'];
    const actual = layers.map((layer) => [
      ...new Set(valuesOf(graph, `${layer}.bias`, 'published')),
    ]);
    expect(actual).toEqual(expected.map((value) => [Math.fround(value)]));
  });

  test("torchvision's biases are drawn as its weights are, mnist's from N(0, 1)", () => {
    const torchvision = createNetwork('torchvision').graph;
    const bias = valuesOf(torchvision, 'fc7.bias', 'published');
    expectDistribution(bias, uniform(1 / Math.sqrt(4096)));
    expectDistribution(valuesOf(createNetwork('mnist').graph, 'fc6.bias', 'published'), normal(1));
  });
});

describe('he and glorot', () => {
  test('he: weights N(0, 2 / fan-in), biases 0', () => {
    // [64, 12, 5, 5]
    expectDistribution(valuesOf(caffe, 'conv2.weight', 'he'), normal(Math.sqrt(2 / (12 * 25))));
    expect(valuesOf(caffe, 'conv2.bias', 'he').every((value) => value === 0)).toBe(true);
  });

  test('he: the last layer at a tenth of that, whatever it is called', () => {
    // [7, 128] and [7, 192, 1, 1]
    const { graph: compact } = createNetwork('compact', { classes: 7 });
    const last = compact.parameters.at(-2)?.name ?? '';
    const [, fanIn = 0] = compact.parameters.at(-2)?.shape ?? [];
    expectDistribution(valuesOf(compact, last, 'he'), normal(0.1 * Math.sqrt(2 / fanIn)));
    const convolutional = createGraphBuilder('convolutional', [2, 6, 6])
      .conv('conv1', { channels: 300, kernel: 1, init: { weight: constant(0), bias: constant(0) } })
      .relu('relu1')
      .conv('conv2', { channels: 7, kernel: 1, init: { weight: constant(0), bias: constant(0) } })
      .adaptiveAveragePool('pool', [1, 1])
      .flatten('flatten')
      .build();
    const scores = valuesOf(convolutional, 'conv2.weight', 'he');
    expectDistribution(scores, normal(0.1 * Math.sqrt(2 / 300)));
    expectDistribution(valuesOf(convolutional, 'conv1.weight', 'he'), normal(Math.sqrt(2 / 2)));
  });

  test.each([
    ['compact', {}],
    ['torchvision', { inputSize: 95, widthMultiplier: 0.125 }],
    ['caffe-alexnet', { inputSize: 99, widthMultiplier: 0.125 }],
    ['mnist', { widthMultiplier: 0.25 }],
    ['cifar-relu', {}],
  ] as const)('he: %s begins with the loss of guessing, or a tenth more', (id, options) => {
    const { graph, weights } = createModel(id, { ...options, classes: 5 });
    const noise = randomTensor([4, ...graph.input.shape], 9);
    const logits = interpret(graph, weights, noise, {}).get(graph.output)?.data ?? [];
    expect(logits.length).toBe(20);
    let loss = 0;
    for (let picture = 0; picture < 4; picture++) {
      const row = [...logits.slice(picture * 5, picture * 5 + 5)];
      // Over all classes: the mean of the loss, whatever the picture is.
      const sum = Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
      loss += (sum - row.reduce((total, value) => total + value, 0) / 5) / 4;
    }
    expect(loss).toBeGreaterThanOrEqual(Math.log(5));
    expect(loss).toBeLessThan(1.1 * Math.log(5));
  });

  test('glorot: uniform in ±√(6 / (fan-in + fan-out)), biases 0', () => {
    const bound = Math.sqrt(6 / 2048);
    expectDistribution(valuesOf(caffe, 'fc7.weight', 'glorot'), uniform(bound));
    const convBound = Math.sqrt(6 / (12 * 25 + 64 * 25));
    expectDistribution(valuesOf(caffe, 'conv2.weight', 'glorot'), uniform(convBound));
    expect(valuesOf(caffe, 'fc7.bias', 'glorot').every((value) => value === 0)).toBe(true);
  });

  test.each(['he', 'glorot', 'published', 'lsuv'] as const)(
    '%s: a batch normalisation starts as one that changes nothing',
    (init) => {
      const { weights } = createModel('keras-bn', { init, inputSize: 215, widthMultiplier: 0.02 });
      const of = (name: string) => [...new Set(weights.get(name)?.data)];
      expect(['scale', 'bias', 'mean', 'variance'].map((role) => of(`bn2.${role}`))).toEqual([
        [1],
        [0],
        [0],
        [1],
      ]);
    },
  );
});

describe('lsuv', () => {
  /** The variance of what each convolution and each fully connected layer gives, by name. */
  function variancesOf(graph: Graph, weights: Weights, images: Tensor) {
    const layers = graph.nodes.filter(({ op }) => op === 'Conv' || op === 'Gemm');
    const taps = layers.map(({ output }) => output);
    const values = interpret(graph, weights, images, { taps });
    return taps.map((tap) => momentsOf(values.get(tap)?.data ?? new Float64Array()).std ** 2);
  }

  function noiseFor({ input }: Graph, random: Random) {
    const images = createTensor([4, ...input.shape]);
    random.fillNormal(images.data);
    return images;
  }

  test.each([
    ['caffe-alexnet', { inputSize: 67, widthMultiplier: 0.0625, classes: 50 }],
    ['paper-code', { inputSize: 67, widthMultiplier: 0.0625, classes: 50 }],
    ['tflearn', { inputSize: 48, widthMultiplier: 0.0625 }],
    ['keras-bn', { inputSize: 215, widthMultiplier: 0.01 }],
    ['cifar-tanh', { inputSize: 16, widthMultiplier: 0.5 }],
    ['mnist', { widthMultiplier: 0.0625 }],
  ] as const)('%s: the output of every layer has unit variance', (id, options) => {
    const { graph } = createNetwork(id, options);
    const weights = initializeWeights(graph, { seed: 5, init: 'lsuv' });
    // The four pictures that it draws for itself.
    const drawn = noiseFor(graph, createRandom(5).split('weights', 'images'));
    for (const variance of variancesOf(graph, weights, drawn)) expect(variance).toBeCloseTo(1, 4);
    for (const { name } of graph.parameters.filter(({ name }) => /(conv|fc)\d\.bias/.test(name))) {
      expect(weights.get(name)?.data.every((value) => value === 0)).toBe(true);
    }
    // On other noise too, up to the luck of four pictures.
    const [conv1 = 0, conv2 = 0] = variancesOf(graph, weights, noiseFor(graph, createRandom(6)));
    expect(Math.abs(conv1 - 1)).toBeLessThan(0.1);
    expect(Math.abs(conv2 - 1)).toBeLessThan(0.2);
  });

  test('with images of your own: the variance is 1 for those', () => {
    const images = randomTensor([3, 3, 67, 67], 4);
    for (let i = 0; i < images.data.length; i++) images.data[i] = 40 * (images.data[i] ?? 0) + 100;
    const { graph, weights } = createModel('mini', { inputSize: 67, init: 'lsuv', images });
    for (const variance of variancesOf(graph, weights, images)) expect(variance).toBeCloseTo(1, 4);
  });

  test('rows are orthogonal and of one length; columns, where there are fewer', () => {
    const { graph } = createNetwork('mini', { inputSize: 39 });
    const weights = initializeWeights(graph, { seed: 2, init: 'lsuv' });
    expectOrthogonalRows(weights.get('conv2.weight')?.data, 16, 75);
    expectOrthogonalRows(weights.get('fc7.weight')?.data, 256, 256);
    // [256, 16]
    const { data } = weights.get('fc6.weight') ?? createTensor([0]);
    const columns = Array.from({ length: 16 }, (_, column) =>
      Array.from({ length: 256 }, (_, row) => data[row * 16 + column] ?? 0),
    );
    expectOrthogonalRows(Float32Array.from(columns.flat()), 16, 256);
  });

  test('images that tell a layer nothing are refused, and so are images of another size', () => {
    const { graph } = createNetwork('mini', { inputSize: 67 });
    const options = { seed: 1, init: 'lsuv' } as const;
    expect(() =>
      initializeWeights(graph, { ...options, images: createTensor([2, 3, 67, 67]) }),
    ).toThrowError(expect.objectContaining({ code: 'NUMERIC', path: ['conv1'] }));
    expect(() =>
      initializeWeights(graph, { ...options, images: createTensor([2, 3, 64, 64]) }),
    ).toThrowError(/images of \[N, 3, 67, 67\], but got \[2, 3, 64, 64\]/);
  });

  test('a weight that two layers share is scaled for the first', () => {
    const init = { weight: constant(0), bias: constant(0) };
    const { nodes, parameters, ...rest } = createGraphBuilder('twice', [2, 8, 8])
      .conv('conv1', { channels: 2, kernel: 3, pads: 1, init })
      .conv('conv2', { channels: 2, kernel: 3, pads: 1, init })
      .build();
    const shared = nodes.map((node) =>
      node.op === 'Conv'
        ? { ...node, inputs: [node.inputs[0], 'conv1.weight', 'conv1.bias'] as const }
        : node,
    );
    const graph: Graph = { ...rest, nodes: shared, parameters: parameters.slice(0, 2) };
    const images = randomTensor([4, 2, 8, 8]);
    const weights = initializeWeights(graph, { seed: 1, init: 'lsuv', images });
    expect(variancesOf(graph, weights, images)[0]).toBeCloseTo(1, 4);
  });
});

function expectOrthogonalRows(matrix: Float32Array | undefined, rows: number, columns: number) {
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < columns; i++) {
      sum += (matrix?.[a * columns + i] ?? Number.NaN) * (matrix?.[b * columns + i] ?? Number.NaN);
    }
    return sum;
  };
  const lengths = Array.from({ length: rows }, (_, row) => dot(row, row));
  for (const length of lengths) expect(length / (lengths[0] ?? 0)).toBeCloseTo(1, 5);
  for (let row = 1; row < rows; row++) {
    expect(Math.abs(dot(row, row - 1)) / (lengths[0] ?? 0)).toBeLessThan(1e-6);
    expect(Math.abs(dot(row, 0)) / (lengths[0] ?? 0)).toBeLessThan(1e-6);
  }
}

test('a seed gives the same weights again, another seed others, each parameter its own', () => {
  const small = createNetwork('mini').graph;
  const [first, again, other] = [3, 3, 4].map((seed) => {
    const weights = initializeWeights(small, { seed });
    return ['conv3', 'conv4', 'conv5'].map((layer) => [
      ...(weights.get(`${layer}.weight`)?.data.slice(0, 50) ?? []),
    ]);
  });
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  expect(first?.[1]).not.toEqual(first?.[2]);
});

describe('createModel', () => {
  test('pictures kept in 0–255 are brought to unit variance, unless all is as published', () => {
    const std = (preset: 'caffe-alexnet' | 'torchvision' | 'mnist', init: InitScheme) =>
      createModel(preset, { init, widthMultiplier: 1 / 16 }).metadata.preprocessing.std;
    expect(std('caffe-alexnet', 'he')).toEqual([58, 58, 58]);
    expect(std('caffe-alexnet', 'published')).toEqual([1, 1, 1]);
    expect(std('torchvision', 'he')).toEqual([0.229, 0.224, 0.225]);
    expect(std('mnist', 'he')).toEqual([1]);
  });

  test('has labels, and as many as classes', () => {
    const model = createModel('mini', { labels: ['cat', 'dog'] });
    expect(model.metadata.labels).toEqual(['cat', 'dog']);
    expect(model.graph.parameters.at(-1)?.shape).toEqual([2]);
    expect(createModel('mini', { classes: 3 }).metadata.labels).toEqual([
      'class 0',
      'class 1',
      'class 2',
    ]);
  });

  test('labels and classes that disagree are refused with both numbers', () => {
    expect(() => createModel('mini', { classes: 3, labels: ['cat', 'dog'] })).toThrowError(
      /3 classes, but 2 labels/,
    );
  });
});
