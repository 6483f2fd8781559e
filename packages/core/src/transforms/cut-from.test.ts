import { describe, expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { createNetwork } from '../model/create-model.ts';
import { outputOf, randomModel, randomTensor } from '../test-model.ts';
import { cutAt } from './cut-at.ts';
import { cutFrom } from './cut-from.ts';

describe('mini', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const input = randomTensor([2, 3, 67, 67]);

  test.each(['pool1', 'pool5', 'flatten', 'fc7'])(
    'features at %s and the head behind it are the whole network',
    (value) => {
      const head = cutFrom(model, value);
      checkGraph(head.graph);
      expect(head.graph.input.name).toBe(value);
      expect([...head.weights.keys()]).toEqual(head.graph.parameters.map(({ name }) => name));
      const shape = [2, ...head.graph.input.shape];
      const features = { shape, data: outputOf(cutAt(model, value), input) };
      expect(outputOf(head, features)).toEqual(outputOf(model, input));
    },
  );
});

test('a layer that reads past the cut is an error that names both', () => {
  const graph: Graph = {
    name: 'shortcut',
    input: { name: 'x', shape: [3] },
    parameters: [
      { name: 'w', shape: [3, 3], initializer: { kind: 'constant', value: 1 } },
      { name: 'b', shape: [3], initializer: { kind: 'constant', value: 0 } },
    ],
    nodes: [
      { op: 'Relu', name: 'a', inputs: ['x'], output: 'a', attributes: {} },
      { op: 'Tanh', name: 'c', inputs: ['a'], output: 'c', attributes: {} },
      { op: 'Gemm', name: 'd', inputs: ['a', 'w', 'b'], output: 'd', attributes: {} },
    ],
    output: 'd',
  };
  expect(() => cutFrom({ graph, weights: new Map() }, 'c')).toThrowError(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: 'shortcut cannot be cut at c: d reads a as well.',
    }),
  );
});
