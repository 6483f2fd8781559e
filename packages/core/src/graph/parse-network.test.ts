import { describe, expect, test } from 'vitest';
import { createNetwork, initializeModel } from '../model/create-model.ts';
import { PRESET_IDS } from '../presets/index.ts';
import { formatNetwork } from './format-network.ts';
import { createGraphBuilder } from './graph-builder.ts';
import { parseNetwork, parseNetworkGraph } from './parse-network.ts';

const picture = {
  name: 'n',
  input: { name: 'image', shape: [3, 6, 8] },
  parameters: [
    { name: 'a.weight', shape: [4, 3, 1, 1] },
    { name: 'a.bias', shape: [4] },
    { name: 'b.scale', shape: [4] },
    { name: 'b.bias', shape: [4] },
    { name: 'b.mean', shape: [4] },
    { name: 'b.variance', shape: [4] },
    { name: 'c.weight', shape: [2, 192] },
    { name: 'c.bias', shape: [2] },
  ],
  nodes: [
    {
      op: 'Conv',
      name: 'a',
      inputs: ['image', 'a.weight', 'a.bias'],
      output: 'a',
      attributes: { kernelShape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 },
    },
    {
      op: 'BatchNormalization',
      name: 'b',
      inputs: ['a', 'b.scale', 'b.bias', 'b.mean', 'b.variance'],
      output: 'b',
      attributes: { epsilon: 0.001, momentum: 0.9 },
    },
    { op: 'Flatten', name: 'f', inputs: ['b'], output: 'f' },
    { op: 'Gemm', name: 'c', inputs: ['f', 'c.weight', 'c.bias'], output: 'scores' },
  ],
  output: 'scores',
};

describe('parseNetwork', () => {
  test('fills in what may be left out', () => {
    const { preset, graph, preprocessing } = parseNetwork(picture);
    expect(preset).toBeNull();
    const initializers = graph.parameters.map(({ name, initializer }) => [name, initializer]);
    expect(Object.fromEntries(initializers)).toEqual({
      // He: √(2 / fan-in), of 3 · 1 · 1 and of 192
      'a.weight': { kind: 'normal', mean: 0, std: Math.sqrt(2 / 3) },
      'a.bias': { kind: 'constant', value: 0 },
      'b.scale': { kind: 'constant', value: 1 },
      'b.bias': { kind: 'constant', value: 0 },
      'b.mean': { kind: 'constant', value: 0 },
      'b.variance': { kind: 'constant', value: 1 },
      'c.weight': { kind: 'normal', mean: 0, std: Math.sqrt(2 / 192) },
      'c.bias': { kind: 'constant', value: 0 },
    });
    expect(graph.nodes[2]?.attributes).toEqual({});
    expect(preprocessing).toMatchObject({
      resize: { mode: 'exact', height: 6, width: 8 },
      crop: { height: 6, width: 8 },
      channels: 'RGB',
      scale: 1 / 255,
    });
  });

  test('a square picture keeps its aspect, a grey one has one mean', () => {
    const { graph } = createNetwork('mnist', { widthMultiplier: 0.02 });
    const { preprocessing } = parseNetwork(JSON.parse(JSON.stringify(graph)));
    expect(preprocessing).toMatchObject({
      resize: { mode: 'short-side', size: 28 },
      crop: { height: 28, width: 28 },
      channels: 'grey',
      mean: [0.449],
      std: [0.226],
    });
  });

  test('what comes out can be initialised', () => {
    const { weights, metadata } = initializeModel(parseNetwork(picture), { labels: ['x', 'y'] });
    expect(weights.get('b.variance')?.data).toEqual(Float32Array.of(1, 1, 1, 1));
    expect(metadata.labels).toEqual(['x', 'y']);
  });

  test.each([[[5, 6, 8]], [[64]]])('an input %j is no picture', (shape) => {
    const { input: _input, ...rest } = JSON.parse(
      formatNetwork(createGraphBuilder('head', shape).relu('r').build()),
    );
    const value = { ...rest, input: { name: 'image', shape } };
    expect(() => parseNetwork(value)).toThrowError(/which is no picture \(input\.shape\)/);
    expect(parseNetworkGraph(value).input.shape).toEqual(shape);
  });
});

describe('formatNetwork', () => {
  test.each(PRESET_IDS)('%s comes back as it was', (id) => {
    const { graph, preprocessing } = createNetwork(id);
    const parsed = parseNetwork(JSON.parse(formatNetwork(graph, preprocessing)));
    expect(parsed).toEqual({ preset: null, graph, preprocessing });
  });

  test('one parameter, one node a line', () => {
    const graph = createGraphBuilder('n', [1, 2, 2]).relu('a').flatten('b').build();
    expect(formatNetwork(graph)).toBe(`{
  "name": "n",
  "input": { "name": "image", "shape": [1, 2, 2] },
  "parameters": [],
  "nodes": [
    { "op": "Relu", "name": "a", "inputs": ["image"], "output": "a", "attributes": {} },
    { "op": "Flatten", "name": "b", "inputs": ["a"], "output": "logits", "attributes": {} }
  ],
  "output": "logits"
}`);
  });
});
