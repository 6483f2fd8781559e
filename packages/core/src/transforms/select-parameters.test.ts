import { expect, test } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { createNetwork } from '../model/create-model.ts';
import { selectParameters } from './select-parameters.ts';

const { graph } = createNetwork('mini');

test.each([
  { patterns: ['conv1'], names: ['conv1.weight', 'conv1.bias'] },
  { patterns: ['fc8', 'fc7.bias'], names: ['fc7.bias', 'fc8.weight', 'fc8.bias'] },
  {
    patterns: ['fc*'],
    names: ['fc6.weight', 'fc6.bias', 'fc7.weight', 'fc7.bias', 'fc8.weight', 'fc8.bias'],
  },
  { patterns: ['fc8', 'fc8.*', 'f*8'], names: ['fc8.weight', 'fc8.bias'] },
  { patterns: ['*1'], names: ['conv1.weight', 'conv1.bias'] },
  { patterns: [], names: [] },
])('$patterns', ({ patterns, names }) => {
  expect(selectParameters(graph, patterns)).toEqual(names);
});

test('a star names everything, a dot only itself', () => {
  expect(selectParameters(graph, ['*'])).toHaveLength(16);
  expect(selectParameters(graph, ['*.bias'])).toHaveLength(8);
  expect(() => selectParameters(graph, ['fc8xbias'])).toThrowError(/No layer/);
  expect(() => selectParameters(graph, ['fc.'])).toThrowError(/No layer/);
});

test('parameters that are not named after their node are found by either name', () => {
  const foreign: Graph = {
    name: 'foreign',
    input: { name: 'x', shape: [4] },
    parameters: ['classifier.1.weight', 'classifier.1.bias'].map((name) => ({
      name,
      shape: name.endsWith('weight') ? [2, 4] : [2],
      initializer: { kind: 'constant', value: 0 },
    })),
    nodes: [
      {
        op: 'Gemm',
        name: '/Gemm_1',
        inputs: ['x', 'classifier.1.weight', 'classifier.1.bias'],
        output: 'y',
        attributes: {},
      },
    ],
    output: 'y',
  };
  const both = ['classifier.1.weight', 'classifier.1.bias'];
  expect(selectParameters(foreign, ['/Gemm_1'])).toEqual(both);
  expect(selectParameters(foreign, ['classifier.1'])).toEqual(both);
  expect(selectParameters(foreign, ['classifier*'])).toEqual(both);
});

test('a pattern that names nothing is an error that lists the layers', () => {
  expect(() => selectParameters(graph, ['conv1', 'conv9'])).toThrowError(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: 'No layer is called "conv9".',
      hint: expect.stringContaining('Layers: conv1, conv2, conv3, conv4, conv5, fc6, fc7, fc8; '),
    }),
  );
});

test('a layer without parameters is told apart from one that does not exist', () => {
  expect(() => selectParameters(graph, ['relu1'])).toThrowError('relu1 (Relu) has no parameters.');
});
