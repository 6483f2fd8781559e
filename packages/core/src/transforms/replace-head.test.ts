import { describe, expect, test } from 'vitest';
import { checkGraph, countClasses } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { findHead } from '../graph/trace-head.ts';
import { initializeWeights } from '../initialize/initialize-weights.ts';
import { createModel, createNetwork } from '../model/create-model.ts';
import { outputOf, randomModel, randomTensor } from '../test-model.ts';
import { replaceHead } from './replace-head.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;

describe('mini', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const replaced = replaceHead(model, { labels: ['a', 'b', 'c'], seed: 5 });

  test('has the new classes, and everything below as it was', () => {
    checkGraph(replaced.graph);
    expect(replaced.graph).toEqual(createNetwork('mini', { inputSize: 67, classes: 3 }).graph);
    expect(replaced.metadata.labels).toEqual(['a', 'b', 'c']);
    for (const [name, tensor] of replaced.weights) {
      if (!name.startsWith('fc8')) expect(tensor, name).toBe(model.weights.get(name));
    }
    const input = randomTensor([2, 3, 67, 67]);
    expect(outputOf(replaced, input, 'relu7')).toEqual(outputOf(model, input, 'relu7'));
    expect(outputOf(replaced, input)).toHaveLength(6);
  });

  test('the head has the weights of a new network with this seed and scheme', () => {
    const weights = initializeWeights(replaced.graph, { seed: 5 });
    expect(replaced.weights.get('fc8.weight')).toEqual(weights.get('fc8.weight'));
    const glorot = replaceHead(model, { labels: ['a', 'b'], seed: 5, init: 'glorot' });
    expect(glorot.weights.get('fc8.weight')).toEqual(
      initializeWeights(glorot.graph, { seed: 5, init: 'glorot' }).get('fc8.weight'),
    );
  });

  test('the model that went in is as it was', () => {
    expect(countClasses(model.graph)).toBe(10);
    expect(model.weights.get('fc8.weight')?.shape).toEqual([10, 256]);
    expect(model.metadata.labels).toEqual([]);
  });

  test('the same number of classes gets a new head, too', () => {
    const labels = Array.from({ length: 10 }, (_, i) => `new ${i}`);
    const same = replaceHead(model, { labels });
    expect(same.weights.get('fc8.weight')).not.toBe(model.weights.get('fc8.weight'));
  });

  test('no labels, and labels that cannot be used, are refused', () => {
    expect(() => replaceHead(model, { labels: [] })).toThrowError(/cannot have 0 classes/);
    expect(() => replaceHead(model, { labels: ['a', 'x'.repeat(2000)] })).toThrowError(/Label 1/);
  });
});

test('validation figures do not survive', () => {
  const model = createModel('mini', { inputSize: 67 });
  const trained = {
    ...model,
    metadata: {
      ...model.metadata,
      provenance: { origin: 'trained', validation: { loss: 1, top1: 1, top5: 1 } },
    } as const,
  };
  const { provenance } = replaceHead(trained, { labels: ['a', 'b'] }).metadata;
  expect(provenance).toEqual({ origin: 'trained' });
});

test.each([
  {
    what: 'a head behind Softmax, Dropout and BatchNormalization',
    head: 'fc',
    graph: createGraphBuilder('tail', [2, 4, 4])
      .flatten('flatten')
      .gemm('fc', { features: 7, init })
      .batchNormalization('bn', { epsilon: 1e-3, momentum: 0.9 })
      .dropout('drop', 0.5)
      .softmax('prob')
      .build(),
    shapes: { 'fc.weight': [3, 32], 'fc.bias': [3], 'bn.mean': [3], 'bn.scale': [3] },
  },
  {
    what: 'a convolution as head',
    head: 'conv2',
    graph: createGraphBuilder('convolutional', [2, 6, 6])
      .conv('conv1', { channels: 4, kernel: 3, init })
      .relu('relu1')
      .conv('conv2', { channels: 7, kernel: 1, init })
      .adaptiveAveragePool('pool', [1, 1])
      .flatten('flatten')
      .build(),
    shapes: { 'conv1.weight': [4, 2, 3, 3], 'conv2.weight': [3, 4, 1, 1], 'conv2.bias': [3] },
  },
])('$what', ({ graph, head, shapes }) => {
  const model = randomModel(graph);
  const replaced = replaceHead(model, { labels: ['a', 'b', 'c'] });
  checkGraph(replaced.graph);
  expect(findHead(graph).name).toBe(head);
  expect(countClasses(replaced.graph)).toBe(3);
  for (const [name, shape] of Object.entries(shapes)) {
    expect(replaced.weights.get(name)?.shape, name).toEqual(shape);
  }
  expect(outputOf(replaced).every(Number.isFinite)).toBe(true);
});

test('the head is the layer that the output comes from, not the last one written down', () => {
  const parameter = (name: string, shape: readonly number[]) =>
    ({ name, shape, initializer: init.weight }) as const;
  const graph: Graph = {
    name: 'auxiliary',
    input: { name: 'x', shape: [4] },
    parameters: [
      parameter('main.weight', [5, 4]),
      parameter('main.bias', [5]),
      parameter('side.weight', [2, 4]),
      parameter('side.bias', [2]),
    ],
    nodes: [
      {
        op: 'Gemm',
        name: 'main',
        inputs: ['x', 'main.weight', 'main.bias'],
        output: 'y',
        attributes: {},
      },
      {
        op: 'Gemm',
        name: 'side',
        inputs: ['x', 'side.weight', 'side.bias'],
        output: 'side',
        attributes: {},
      },
    ],
    output: 'y',
  };
  const model = randomModel(graph);
  const replaced = replaceHead(model, { labels: ['a', 'b', 'c'] });
  expect(replaced.weights.get('main.weight')?.shape).toEqual([3, 4]);
  expect(replaced.weights.get('side.weight')).toBe(model.weights.get('side.weight'));
});

describe('refused', () => {
  const labels = ['a', 'b'];

  test('a network without layers that have weights', () => {
    const graph = createGraphBuilder('pools', [3, 4, 4])
      .maxPool('pool', { kernel: 4 })
      .flatten('flatten')
      .build();
    expect(() => replaceHead(randomModel(graph), { labels })).toThrowError(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: 'pools has no fully connected layer to give other classes to.',
      }),
    );
  });

  test('a convolution whose pixels would all be classes', () => {
    const graph = createGraphBuilder('pixels', [3, 4, 4])
      .conv('conv1', { channels: 5, kernel: 3, init })
      .flatten('flatten')
      .build();
    expect(() => replaceHead(randomModel(graph), { labels })).toThrowError(
      'With 2 outputs of conv1 the output of pixels is [N, 8], not [N, 2].',
    );
  });
});
