import { expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { createNetwork } from '../model/create-model.ts';
import { createTensor } from '../tensor.ts';
import { outputOf, randomModel, relativeError } from '../test-model.ts';
import { mergeGroups } from './merge-groups.ts';
import { splitGroups } from './split-groups.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;
const layers = ['conv2', 'conv4', 'conv5'];

test('what was merged comes back number for number', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const { model: split, split: report } = splitGroups(mergeGroups(model), layers);
  checkGraph(split.graph);
  expect(split.graph).toEqual(model.graph);
  expect(split.weights).toEqual(model.weights);
  expect(report).toEqual(layers.map((layer) => ({ layer, droppedEnergy: 0 })));
});

test('four groups of two: the same outputs, and back to two exactly', () => {
  const graph = createGraphBuilder('four', [8, 5, 5])
    .conv('conv1', { channels: 8, kernel: 3, group: 4, init })
    .build();
  const model = randomModel(graph);
  const halves = splitGroups(mergeGroups(model), ['conv1']).model;
  expect(halves.graph.parameters[0]?.shape).toEqual([8, 4, 3, 3]);
  expect(relativeError(outputOf(halves), outputOf(model))).toBe(0);
  expect(splitGroups(halves, ['conv1'], { groups: 4 }).model.weights).toEqual(model.weights);
});

/** One 1×1 convolution of 2 channels to 2, with [[3, 1], [0, 4]] and biases. */
function twoByTwo() {
  const graph = createGraphBuilder('links', [2, 2, 2])
    .conv('conv1', { channels: 2, kernel: 1, init })
    .build();
  const weights = new Map([
    ['conv1.weight', createTensor([2, 2, 1, 1], Float32Array.of(3, 1, 0, 4))],
    ['conv1.bias', createTensor([2], Float32Array.of(5, 6))],
  ]);
  return { graph, weights };
}

test('links between the groups are an error that says how strong they are', () => {
  // 1² of 3² + 1² + 4² = 26
  expect(() => splitGroups(twoByTwo(), ['conv1'])).toThrowError(
    expect.objectContaining({
      code: 'UNSUPPORTED',
      path: ['conv1'],
      message: expect.stringMatching(
        /^conv1 does not fall into 2 groups: 1 of its weights .* largest is 1\.00; .* 3\.85 % of its energy/,
      ),
    }),
  );
});

test('force drops them and says what share of the energy they had', () => {
  const model = twoByTwo();
  const { model: split, split: report } = splitGroups(model, ['*'], { force: true });
  checkGraph(split.graph);
  expect(report).toEqual([{ layer: 'conv1', droppedEnergy: 1 / 26 }]);
  expect(split.weights.get('conv1.weight')).toEqual(
    createTensor([2, 1, 1, 1], Float32Array.of(3, 4)),
  );
  expect(split.weights.get('conv1.bias')).toBe(model.weights.get('conv1.bias'));
  const input = createTensor([1, 2, 2, 2], Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40));
  expect([...outputOf(split, input)]).toEqual([8, 11, 14, 17, 46, 86, 126, 166]);
});

test('channels that do not divide are an error with both numbers', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  expect(() => splitGroups(model, ['conv1'])).toThrowError(
    'conv1 has 3 input and 6 output channels, which do not divide into 2 groups.',
  );
  expect(() => splitGroups(model, ['conv2'], { groups: 0 })).toThrowError(
    'conv2 cannot have 0 groups.',
  );
});

test('a layer that has these groups already is left alone', () => {
  const model = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const { model: same, split } = splitGroups(model, layers);
  expect(same).toBe(model);
  expect(split).toEqual([]);
});
