import { describe, expect, test } from 'vitest';
import type { Graph, Node } from '../graph/graph.ts';
import { createModel, createNetwork } from '../model/create-model.ts';
import { compareGraphs, compareWeights } from './compare-graphs.ts';

const { graph } = createNetwork('mini');

function withNode(name: string, change: (node: Node) => Node): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.name === name ? change(node) : node)) };
}

describe('compareGraphs', () => {
  test('a network is the same as itself, whatever its values and parameters are called', () => {
    const rename = (name: string) => `other/${name}`;
    const renamed = JSON.parse(
      JSON.stringify(graph, (key, value) => {
        if (key === 'output') return rename(value);
        if (key === 'inputs') return value.map(rename);
        return value;
      }),
    );
    const other: Graph = {
      ...renamed,
      name: 'other',
      input: { ...graph.input, name: rename(graph.input.name) },
      parameters: graph.parameters.map((p) => ({ ...p, name: rename(p.name) })),
    };
    expect(compareGraphs(graph, other)).toEqual({
      isSame: true,
      input: null,
      onlyInA: [],
      onlyInB: [],
      changed: [],
    });
  });

  test('attributes and shapes that differ are named, with both values', () => {
    const other = createNetwork('mini', { classes: 4, groups: 1 }).graph;
    const { isSame, changed } = compareGraphs(graph, other);
    expect(isSame).toBe(false);
    expect(changed).toEqual([
      {
        name: 'conv2',
        differences: [
          { field: 'group', a: 2, b: 1 },
          { field: 'weight', a: [16, 3, 5, 5], b: [16, 6, 5, 5] },
        ],
      },
      {
        name: 'conv4',
        differences: [
          { field: 'group', a: 2, b: 1 },
          { field: 'weight', a: [24, 12, 3, 3], b: [24, 24, 3, 3] },
        ],
      },
      {
        name: 'conv5',
        differences: [
          { field: 'group', a: 2, b: 1 },
          { field: 'weight', a: [16, 12, 3, 3], b: [16, 24, 3, 3] },
        ],
      },
      {
        name: 'fc8',
        differences: [
          { field: 'weight', a: [10, 256], b: [4, 256] },
          { field: 'bias', a: [10], b: [4] },
          { field: 'outputShape', a: [1, 10], b: [1, 4] },
        ],
      },
    ]);
  });

  test('another order is another network: who reads whom', () => {
    const caffenet = createNetwork('caffenet').graph;
    const { onlyInA, onlyInB, changed } = compareGraphs(
      createNetwork('caffe-alexnet').graph,
      caffenet,
    );
    expect([onlyInA, onlyInB]).toEqual([[], []]);
    const rewired = changed.map(({ name, differences }) => [
      name,
      differences.find(({ field }) => field === 'inputs'),
    ]);
    expect(Object.fromEntries(rewired)).toMatchObject({
      norm1: { a: ['relu1'], b: ['pool1'] },
      pool1: { a: ['norm1'], b: ['relu1'] },
      conv2: { a: ['pool1'], b: ['norm1'] },
    });
  });

  test('layers that one of them lacks, in both directions', () => {
    const a = createNetwork('caffe-alexnet').graph;
    const b = createNetwork('torchvision').graph;
    const { onlyInA, input } = compareGraphs(a, b);
    expect(onlyInA).toEqual(['norm1', 'norm2']);
    expect(compareGraphs(b, a).onlyInB).toEqual(['norm1', 'norm2']);
    expect(input).toEqual({ a: [3, 227, 227], b: [3, 224, 224] });
  });

  test('another op under the same name', () => {
    const tanh = withNode('relu7', (node) => ({ ...node, op: 'Tanh' }) as Node);
    expect(compareGraphs(graph, tanh).changed).toEqual([
      { name: 'relu7', differences: [{ field: 'op', a: 'Relu', b: 'Tanh' }] },
    ]);
  });
});

describe('compareWeights', () => {
  const model = createModel('mini', { seed: 1 });

  test('the largest difference of each parameter', () => {
    const changed = new Map(model.weights);
    const bias = Float32Array.of(0, 0, 0.25, 0, -0.5, 0);
    changed.set('conv1.bias', { shape: [6], data: bias });
    const rows = compareWeights(model, { ...model, weights: changed });
    expect(rows).toHaveLength(16);
    expect(rows.filter(({ maxAbsoluteDifference }) => maxAbsoluteDifference !== 0)).toEqual([
      { name: 'conv1.bias', maxAbsoluteDifference: 0.5 },
    ]);
  });

  test('what cannot be compared is null: other shapes, no numbers', () => {
    const other = createModel('mini', { seed: 1, classes: 4 });
    const broken = new Map(other.weights);
    broken.set('fc7.bias', { shape: [256], data: new Float32Array(256).fill(Number.NaN) });
    const rows = compareWeights(model, { ...other, weights: broken });
    const incomparable = rows.filter(({ maxAbsoluteDifference: d }) => d === null);
    expect(incomparable.map(({ name }) => name)).toEqual(['fc7.bias', 'fc8.weight', 'fc8.bias']);
  });
});
