import { expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { createModel, createNetwork } from '../model/create-model.ts';
import { outputOf, randomModel } from '../test-model.ts';
import { dropDropout } from './drop-dropout.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;

test('mini computes the same without its two', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const dropped = dropDropout(model);
  checkGraph(dropped.graph);
  expect(dropped.graph.nodes.map(({ name }) => name)).toEqual(
    model.graph.nodes.map(({ name }) => name).filter((name) => !name.startsWith('drop')),
  );
  expect(dropped.weights).toBe(model.weights);
  expect(dropped.metadata).toBe(model.metadata);
  expect(outputOf(dropped)).toEqual(outputOf(model));
});

test('the first, the last and two in a row go; the output keeps its name', () => {
  const graph = createGraphBuilder('drops', [2, 3, 3])
    .dropout('drop0', 0.1)
    .flatten('flatten')
    .gemm('fc', { features: 3, init })
    .dropout('dropA', 0.2)
    .dropout('dropB', 0.3)
    .build();
  const model = randomModel(graph);
  const dropped = dropDropout(model);
  checkGraph(dropped.graph);
  expect(dropped.graph.nodes).toEqual([
    { op: 'Flatten', name: 'flatten', inputs: ['image'], output: 'flatten', attributes: {} },
    {
      op: 'Gemm',
      name: 'fc',
      inputs: ['flatten', 'fc.weight', 'fc.bias'],
      output: 'logits',
      attributes: {},
    },
  ]);
  expect(outputOf(dropped)).toEqual(outputOf(model));
  expect(graph.nodes).toHaveLength(5);
});

test('a value that others read beside the dropout keeps its readers', () => {
  const weight = { name: 'w', shape: [4, 4], initializer: init.weight };
  const bias = { name: 'b', shape: [4], initializer: init.bias };
  const graph: Graph = {
    name: 'branches',
    input: { name: 'image', shape: [4] },
    parameters: [weight, bias],
    nodes: [
      { op: 'Relu', name: 'relu', inputs: ['image'], output: 'relu', attributes: {} },
      { op: 'Dropout', name: 'drop', inputs: ['relu'], output: 'y', attributes: { ratio: 0.5 } },
      { op: 'Gemm', name: 'side', inputs: ['relu', 'w', 'b'], output: 'side', attributes: {} },
    ],
    output: 'y',
  };
  const model = randomModel(graph);
  const dropped = dropDropout(model);
  checkGraph(dropped.graph);
  expect(outputOf(dropped)).toEqual(outputOf(model));
  expect(dropped.graph.nodes[1]?.inputs[0]).toBe('y');
});

test('a network without dropout is the same object', () => {
  const { graph, weights } = dropDropout(createModel('mini'));
  const model = { graph, weights };
  expect(dropDropout(model)).toBe(model);
});

test('a network that is nothing but dropout is refused by name', () => {
  const graph = createGraphBuilder('nothing', [3]).dropout('drop1', 0.5).build();
  expect(() => dropDropout({ graph, weights: new Map() })).toThrowError(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringMatching(/^drop1 /) }),
  );
});
