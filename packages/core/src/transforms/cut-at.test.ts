import { describe, expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { createNetwork } from '../model/create-model.ts';
import { outputOf, randomModel, randomTensor } from '../test-model.ts';
import { cutAt } from './cut-at.ts';

describe('mini', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const input = randomTensor([2, 3, 67, 67]);

  test.each([
    { value: 'pool1', shape: [1, 6, 7, 7], layers: 4, parameters: 2 },
    { value: 'pool5', shape: [1, 16, 1, 1], layers: 15, parameters: 10 },
    { value: 'fc7', shape: [1, 256], layers: 20, parameters: 14 },
    { value: 'logits', shape: [1, 10], layers: 23, parameters: 16 },
  ])('ends at $value with what it makes there', ({ value, shape, layers, parameters }) => {
    const cut = cutAt(model, value);
    checkGraph(cut.graph);
    expect(inferShapes(cut.graph).get(cut.graph.output)).toEqual(shape);
    expect(cut.graph.nodes).toHaveLength(layers);
    expect(cut.graph.parameters).toHaveLength(parameters);
    expect([...cut.weights.keys()]).toEqual(cut.graph.parameters.map(({ name }) => name));
    for (const [name, tensor] of cut.weights) expect(tensor).toBe(model.weights.get(name));
    expect(outputOf(cut, input)).toEqual(outputOf(model, input, value));
  });

  test('a layer whose value has another name is found by its own', () => {
    expect(cutAt(model, 'fc8').graph.output).toBe('logits');
  });

  test('a value that does not exist is an error that lists those that do', () => {
    expect(() => cutAt(model, 'fc9')).toThrowError(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'mini has no value "fc9".',
        hint: expect.stringMatching(/^Values: conv1, relu1, .*, logits\.$/),
      }),
    );
    expect(() => cutAt(model, 'image')).toThrowError(/"image" is the input of mini/);
  });
});

test('layers beside the way to the value are dropped, shared parameters stay', () => {
  const parameter = (name: string, shape: readonly number[]) =>
    ({ name, shape, initializer: { kind: 'constant', value: 0 } }) as const;
  const graph: Graph = {
    name: 'branches',
    input: { name: 'x', shape: [3] },
    parameters: [
      parameter('side.weight', [3, 3]),
      parameter('shared.weight', [3, 3]),
      parameter('shared.bias', [3]),
      parameter('nobody.bias', [3]),
    ],
    nodes: [
      {
        op: 'Gemm',
        name: 'side',
        inputs: ['x', 'side.weight', 'shared.bias'],
        output: 'side',
        attributes: {},
      },
      {
        op: 'Gemm',
        name: 'main',
        inputs: ['x', 'shared.weight', 'shared.bias'],
        output: 'main',
        attributes: {},
      },
      { op: 'Softmax', name: 'end', inputs: ['side'], output: 'end', attributes: {} },
    ],
    output: 'end',
  };
  const model = randomModel(graph);
  const cut = cutAt(model, 'main');
  checkGraph(cut.graph);
  expect(cut.graph.nodes.map(({ name }) => name)).toEqual(['main']);
  expect([...cut.weights.keys()]).toEqual(['shared.weight', 'shared.bias']);
  expect(outputOf(cut)).toEqual(outputOf(model, undefined, 'main'));
});
