import { describe, expect, test } from 'vitest';
import { summarize } from '../analysis/count.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { parseGraph } from '../graph/parse-graph.ts';
import { runningStatistics } from '../graph/running-statistics.ts';
import { initializeWeights } from '../initialize/initialize-weights.ts';
import { inferOverhang } from './pool.ts';

const pool = { kernelShape: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0] } as const;
const norm = { epsilon: 0.001, momentum: 0.9 };

/** A network of one node over [4, H, H] maps; operands behind the first have the lengths given. */
function toJson(op: string, attributes: unknown, { size = 8, lengths = [] as number[] } = {}) {
  const names = lengths.map((_, index) => `layer.${index}`);
  return {
    name: 'net',
    input: { name: 'image', shape: [4, size, size] },
    parameters: lengths.map((length, index) => ({
      name: names[index],
      shape: [length],
      initializer: { kind: 'constant', value: 0 },
    })),
    nodes: [{ op, name: 'layer', inputs: ['image', ...names], output: 'y', attributes }],
    output: 'y',
  };
}

function shapeOf(...definition: Parameters<typeof toJson>): readonly number[] | undefined {
  return inferShapes(parseGraph(toJson(...definition)), 2).get('y');
}

describe('shapes', () => {
  test.each([
    // floor((8 − 3) / 2) + 1 = 3, ceil((8 − 3) / 2) + 1 = 4
    { op: 'MaxPool', attributes: pool, shape: [2, 4, 3, 3] },
    { op: 'MaxPool', attributes: { ...pool, ceilMode: true }, shape: [2, 4, 4, 4] },
    { op: 'AveragePool', attributes: { ...pool, ceilMode: true }, shape: [2, 4, 4, 4] },
    // Windows of 4 every 4 with 2 in front start at −2, 2, 6 and 10: the fourth is behind the picture.
    {
      op: 'AveragePool',
      attributes: { kernelShape: [4, 4], strides: [4, 4], pads: [2, 2, 3, 2], ceilMode: true },
      shape: [2, 4, 3, 3],
    },
    { op: 'AdaptiveAveragePool', attributes: { outputSize: [6, 9] }, shape: [2, 4, 6, 9] },
    { op: 'Tanh', attributes: {}, shape: [2, 4, 8, 8] },
    { op: 'SpatialLRN', attributes: { size: 9, alpha: 1, beta: 1, k: 1 }, shape: [2, 4, 8, 8] },
  ])('$op $attributes', ({ op, attributes, shape }) => {
    expect(shapeOf(op, attributes)).toEqual(shape);
  });

  test('how far the last windows reach beyond the padding', () => {
    // Three windows of 3 every 2 end at 7 of 6 rows; in width the padding takes the last one in.
    const attributes = { ...pool, pads: [0, 0, 0, 1], ceilMode: true } as const;
    expect(inferOverhang('pool', [6, 6], attributes)).toEqual([1, 0]);
    expect(inferOverhang('pool', [6, 6], { ...attributes, ceilMode: false })).toEqual([0, 0]);
  });
});

describe('what does not fit is refused', () => {
  const lrn = { size: 5, alpha: 1, beta: 0.75, k: 1 };
  test.each([
    {
      op: 'MaxPool',
      attributes: { ...pool, pads: [0, 3, 0, 0] },
      says: /layer has pads \[0, 3, 0, 0\] around a window of \[3, 3\]: a window could see nothing/,
    },
    {
      op: 'AveragePool',
      attributes: { ...pool, kernelShape: [3, 9] },
      says: /layer runs out of pixels: its window is 9 in width, but its input has only 8\./,
    },
    {
      op: 'MaxPool',
      attributes: { ...pool, ceilMode: 1 },
      says: /attributes\.ceilMode should be true or false, but is 1/,
    },
    {
      op: 'AdaptiveAveragePool',
      attributes: { outputSize: [6, 0] },
      says: /outputSize\.1 should be a whole number of at least 1, but is 0/,
    },
    {
      op: 'LRN',
      attributes: { ...lrn, groups: 3 },
      says: /layer normalises 3 groups of channels, but image gives 4\./,
    },
    { op: 'LRN', attributes: { ...lrn, groups: 0 }, says: /groups should be a whole number of at/ },
    { op: 'SpatialLRN', attributes: { ...lrn, size: 0 }, says: /size should be a whole number of/ },
    {
      op: 'BatchNormalization',
      attributes: { ...norm, epsilon: 0 },
      lengths: [4, 4, 4, 4],
      says: /epsilon should be a number above 0, but is 0/,
    },
    {
      op: 'BatchNormalization',
      attributes: { ...norm, momentum: 1.5 },
      lengths: [4, 4, 4, 4],
      says: /momentum should be a number of at least 0 and of at most 1, but is 1\.5/,
    },
    {
      op: 'BatchNormalization',
      attributes: norm,
      lengths: [4, 4, 3, 4],
      says: /layer\.2 is \[3\], but image gives layer 4 channels\./,
    },
    {
      op: 'BatchNormalization',
      attributes: norm,
      lengths: [4, 4],
      says: /layer \(BatchNormalization\) has 3 inputs, but needs 5/,
    },
    { op: 'Dropout', attributes: { ratio: 1 }, says: /ratio should be a number of at least 0 and/ },
  ])('$op $attributes', ({ op, attributes, lengths, says }) => {
    const json = toJson(op, attributes, { ...(lengths && { lengths }) });
    expect(() => parseGraph(json)).toThrowError(says);
  });

  test.each(['AdaptiveAveragePool', 'AveragePool', 'MaxPool', 'LRN', 'SpatialLRN'] as const)(
    '%s of what is no picture',
    (op) => {
      const attributes = { ...pool, ...lrn, outputSize: [1, 1] };
      const json = { ...toJson(op, attributes), input: { name: 'image', shape: [4] } };
      expect(() => parseGraph(json)).toThrowError(
        `layer (${op}) expects an input of rank 4 but got [1, 4].`,
      );
    },
  );

  test('a batch normalisation of three axes', () => {
    const json = toJson('BatchNormalization', norm, { lengths: [4, 4, 4, 4] });
    expect(() => parseGraph({ ...json, input: { name: 'image', shape: [4, 2] } })).toThrowError(
      'layer (BatchNormalization) expects an input of rank 4 or 2 but got [1, 4, 2].',
    );
  });
});

describe('attributes that networks of old leave out', () => {
  test.each([
    { op: 'MaxPool', attributes: pool, full: { ...pool, ceilMode: false } },
    {
      op: 'AveragePool',
      attributes: pool,
      full: { ...pool, ceilMode: false, countIncludePad: false },
    },
    {
      op: 'LRN',
      attributes: { size: 5, alpha: 2e-5, beta: 0.75, k: 2 },
      full: { size: 5, alpha: 2e-5, beta: 0.75, k: 2, groups: 1 },
    },
  ])('$op', ({ op, attributes, full }) => {
    expect(parseGraph(toJson(op, attributes)).nodes[0]?.attributes).toEqual(full);
  });
});

describe('running statistics', () => {
  const graph = createGraphBuilder('net', [3, 8, 6])
    .batchNormalization('bn', norm)
    .averagePool('pool', { kernel: [3, 2], stride: [2, 1], pads: [1, 0, 0, 1], ceilMode: true })
    .tanh('tanh')
    .lrn('norm', { size: 3, alpha: 1, beta: 0.5, k: 1, groups: 3 })
    .spatialLrn('spatial', { size: 3, alpha: 1, beta: 0.5, k: 1 })
    .adaptiveAveragePool('adaptive', 2)
    .flatten('flatten')
    .batchNormalization('bn6', norm)
    .build();

  test('are the means and variances', () => {
    expect([...runningStatistics(graph)]).toEqual([
      'bn.mean',
      'bn.variance',
      'bn6.mean',
      'bn6.variance',
    ]);
  });

  test('count as parameters, and cost no multiply-adds', () => {
    const { layers, parameters, multiplyAdds } = summarize(graph);
    // [3, 8, 6] → pool [3, 4, 6] → adaptive [3, 2, 2] → 12 features: 4 · 3 and 4 · 12 numbers.
    expect(layers.map(({ name, parameters: count }) => [name, count])).toEqual([
      ['bn', 12],
      ['pool', 0],
      ['tanh', 0],
      ['norm', 0],
      ['spatial', 0],
      ['adaptive', 0],
      ['flatten', 0],
      ['bn6', 48],
    ]);
    expect(layers[1]?.outputShape).toEqual([1, 3, 4, 6]);
    expect(parameters).toBe(60);
    expect(multiplyAdds).toBe(0);
  });

  test.each(['he', 'glorot'] as const)('%s starts them, scales and biases alike', (init) => {
    const zeros = graph.parameters.map((parameter) => ({
      ...parameter,
      initializer: { kind: 'constant', value: 0 } as const,
    }));
    const weights = initializeWeights({ ...graph, parameters: zeros }, { seed: 1, init });
    expect([...weights].map(([name, { data }]) => [name, ...new Set(data)])).toEqual([
      ['bn.scale', 1],
      ['bn.bias', 0],
      ['bn.mean', 0],
      ['bn.variance', 1],
      ['bn6.scale', 1],
      ['bn6.bias', 0],
      ['bn6.mean', 0],
      ['bn6.variance', 1],
    ]);
    expect(initializeWeights(graph, { seed: 1, init: 'published' })).toEqual(weights);
  });

  test('what the builder writes survives JSON', () => {
    expect(parseGraph(JSON.parse(JSON.stringify(graph)))).toEqual(graph);
  });

  test('are parameters of their own', () => {
    const [first, ...rest] = graph.nodes;
    const withInputs = (inputs: readonly string[]) => ({
      ...graph,
      nodes: [{ ...first, inputs }, ...rest],
    });
    const shared = ['image', 'bn.scale', 'bn.bias', 'bn.bias', 'bn.variance'];
    expect(() => parseGraph(withInputs(shared))).toThrowError(
      'bn keeps its running statistics in "bn.bias", which bn reads as well.',
    );
    const value = ['image', 'bn.scale', 'bn.bias', 'image', 'bn.variance'];
    expect(() => parseGraph(withInputs(value))).toThrowError(
      'bn keeps its running statistics in "image", which is no parameter.',
    );
  });
});
