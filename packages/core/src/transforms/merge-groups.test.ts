import { expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { createNetwork } from '../model/create-model.ts';
import { createTensor } from '../tensor.ts';
import { outputOf, randomModel, relativeError } from '../test-model.ts';
import { mergeGroups } from './merge-groups.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;

test('two groups of two channels become blocks on the diagonal', () => {
  const graph = createGraphBuilder('blocks', [4, 1, 1])
    .conv('conv1', { channels: 2, kernel: 1, group: 2, init })
    .build();
  const weights = new Map([
    ['conv1.weight', createTensor([2, 2, 1, 1], Float32Array.of(1, 2, 3, 4))],
    ['conv1.bias', createTensor([2], Float32Array.of(5, 6))],
  ]);
  const merged = mergeGroups({ graph, weights });
  expect(merged.weights.get('conv1.weight')).toEqual(
    createTensor([2, 4, 1, 1], Float32Array.of(1, 2, 0, 0, 0, 0, 3, 4)),
  );
});

test('mini computes the same ungrouped, with the parameters of an ungrouped mini', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const merged = mergeGroups(model);
  checkGraph(merged.graph);
  const ungrouped = createNetwork('mini', { inputSize: 67, groups: 1 }).graph;
  expect(merged.graph.nodes).toEqual(ungrouped.nodes);
  expect(merged.graph.parameters).toEqual(ungrouped.parameters);
  expect(relativeError(outputOf(merged), outputOf(model))).toBe(0);
  expect(merged.weights.get('conv1.weight')).toBe(model.weights.get('conv1.weight'));
  expect(merged.weights.get('conv2.bias')).toBe(model.weights.get('conv2.bias'));
  expect(model.weights.get('conv2.weight')?.shape).toEqual([16, 3, 5, 5]);
});

test('three groups, and only the layers that are named', () => {
  const graph = createGraphBuilder('three', [3, 6, 6])
    .conv('conv1', { channels: 6, kernel: 3, group: 3, pads: 1, init })
    .relu('relu1')
    .conv('conv2', { channels: 9, kernel: 2, group: 3, init })
    .build();
  const model = randomModel(graph);
  const merged = mergeGroups(model, ['conv2']);
  checkGraph(merged.graph);
  expect(merged.graph.parameters.map(({ shape }) => shape)).toEqual([
    [6, 1, 3, 3],
    [6],
    [9, 6, 2, 2],
    [9],
  ]);
  expect(relativeError(outputOf(merged), outputOf(model))).toBe(0);
});

test('a name that no convolution has is an error', () => {
  const model = randomModel(createNetwork('mini').graph);
  expect(() => mergeGroups(model, ['fc6'])).toThrowError(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      hint: 'Convolutions: conv1, conv2, conv3, conv4, conv5.',
    }),
  );
});

test('a weight that two layers share is not changed behind the other', () => {
  const { graph } = randomModel(
    createGraphBuilder('shared', [2, 4, 4])
      .conv('conv1', { channels: 2, kernel: 1, group: 2, init })
      .conv('conv2', { channels: 2, kernel: 1, group: 2, init })
      .build(),
  );
  const shared = {
    ...graph,
    nodes: graph.nodes.map((node) =>
      node.op === 'Conv'
        ? { ...node, inputs: [node.inputs[0], 'conv1.weight', 'conv1.bias'] as const }
        : node,
    ),
  };
  checkGraph(shared);
  expect(() => mergeGroups(randomModel(shared))).toThrowError(
    'conv1 cannot be changed alone: conv2 shares conv1.weight with it.',
  );
});
