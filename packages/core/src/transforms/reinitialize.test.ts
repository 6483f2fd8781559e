import { expect, test } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { initializeWeights } from '../initialize/initialize-weights.ts';
import { createModel, createNetwork } from '../model/create-model.ts';
import type { Model } from '../model/model.ts';
import { createRandom } from '../random.ts';
import { createTensor } from '../tensor.ts';
import { outputOf, randomModel } from '../test-model.ts';
import { reinitialize } from './reinitialize.ts';

const model: Model = {
  ...createModel('mini', { inputSize: 67, widthMultiplier: 1 / 48, seed: 3 }),
  metadata: {
    ...createModel('mini', { inputSize: 67 }).metadata,
    provenance: { origin: 'trained', steps: 5, validation: { loss: 1, top1: 0.5, top5: 1 } },
  },
};

test('the layers that are named get the weights of a new network, the others keep theirs', () => {
  const fresh = reinitialize(model, ['fc*'], { seed: 9, init: 'glorot' });
  const expected = initializeWeights(model.graph, { seed: 9, init: 'glorot' });
  expect([...fresh.weights.keys()]).toEqual([...model.weights.keys()]);
  for (const [name, tensor] of fresh.weights) {
    if (name.startsWith('fc')) expect(tensor, name).toEqual(expected.get(name));
    else expect(tensor, name).toBe(model.weights.get(name));
  }
  expect(fresh.graph).toBe(model.graph);
});

test('validation figures are forgotten with the weights that they were measured with', () => {
  expect(reinitialize(model, ['fc8']).metadata.provenance).toEqual({ origin: 'trained', steps: 5 });
  expect(reinitialize(model, [])).toBe(model);
});

test('lsuv scales the layer by what the kept layers make of its input', () => {
  const fresh = reinitialize(model, ['conv2'], { seed: 4, init: 'lsuv' });
  const noise = createTensor([4, 3, 67, 67]);
  createRandom(4).split('weights').split('images').fillNormal(noise.data);
  const values = outputOf(fresh, noise, 'conv2');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(variance).toBeCloseTo(1, 5);
  for (const [name, tensor] of fresh.weights) {
    if (!name.startsWith('conv2')) expect(tensor, name).toBe(model.weights.get(name));
  }
});

test('a batch normalisation starts as the identity, whatever a file says', () => {
  const graph: Graph = {
    name: 'norm',
    input: { name: 'x', shape: [3] },
    parameters: ['scale', 'bias', 'mean', 'variance'].map((role) => ({
      name: `bn.${role}`,
      shape: [3],
      initializer: { kind: 'constant', value: 0 },
    })),
    nodes: [
      {
        op: 'BatchNormalization',
        name: 'bn',
        inputs: ['x', 'bn.scale', 'bn.bias', 'bn.mean', 'bn.variance'],
        output: 'y',
        attributes: { epsilon: 1e-5, momentum: 0.9 },
      },
    ],
    output: 'y',
  };
  const { weights } = reinitialize(randomModel(graph), ['bn']);
  expect([...weights.values()].map(({ data }) => data[0])).toEqual([1, 0, 0, 1]);
  expect(() => reinitialize(randomModel(graph), ['bn'], { init: 'published' })).toThrowError(
    /norm does not say how bn.variance is to be initialised/,
  );
});

test('single parameters can be named', () => {
  const fresh = reinitialize(model, ['conv3.weight'], { seed: 4 });
  expect(fresh.weights.get('conv3.bias')).toBe(model.weights.get('conv3.bias'));
  expect(fresh.weights.get('conv3.weight')).not.toEqual(model.weights.get('conv3.weight'));
});

test('a published scheme that the network does not know is an error, not zeros', () => {
  const { graph } = createNetwork('mini', { inputSize: 67, widthMultiplier: 1 / 48 });
  const imported: Model = {
    ...model,
    graph: {
      ...graph,
      parameters: graph.parameters.map((parameter) => ({
        ...parameter,
        initializer: { kind: 'constant', value: 0 },
      })),
    },
  };
  expect(() => reinitialize(imported, ['fc8'], { init: 'published' })).toThrowError(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('fc8.weight'),
    }),
  );
  expect(reinitialize(imported, ['fc8']).weights.get('fc8.weight')?.data[0]).not.toBe(0);
});

test('a weight that is missing is an error, not a fresh one', () => {
  const weights = new Map([...model.weights].filter(([name]) => name !== 'conv2.bias'));
  expect(() => reinitialize({ ...model, weights }, ['fc8'])).toThrowError(
    'conv2.bias should be [6], but is missing.',
  );
});

test('a name that no layer has is an error', () => {
  expect(() => reinitialize(model, ['fc9'])).toThrowError('No layer is called "fc9".');
});
