import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, createNetwork, initializeWeights } from '@alexnet/core';
import { writeOnnxFile } from '@alexnet/export/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Terminal } from '../terminal/terminal.ts';
import { createInitialModel } from './training-network.ts';

const network = { inputSize: 12, widthMultiplier: 0.05, classes: 3 } as const;
const source = createModel('mnist', { ...network, labels: ['a', 'b', 'c'], seed: 1 });
const training = { seed: 2, init: 'glorot', batchSize: 4, microBatches: 1 } as const;
let root = '';
let file = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-network-'));
  file = join(root, 'source.onnx');
  await writeOnnxFile(file, source);
});
afterAll(() => rm(root, { recursive: true }));

async function create(labels: readonly string[], reinit: readonly string[]) {
  const notes: string[] = [];
  const terminal: Terminal = {
    isInteractive: false,
    columns: 80,
    result: () => {},
    note: (line) => notes.push(line),
    bytes: () => {},
    status: () => {},
  };
  const config = {
    labels,
    training,
    network: {
      preset: null,
      options: {},
      from: file,
      own: null,
      freeze: [],
      lrMult: [],
      decayMult: [],
      mean: null,
      reinit,
    },
  };
  return { notes, model: await createInitialModel(config, terminal) };
}

function checkWeights(
  { graph, weights }: Awaited<ReturnType<typeof create>>['model'],
  fresh: readonly string[],
): void {
  const expected = initializeWeights(graph, training);
  expect([...weights.keys()]).toEqual([...source.weights.keys()]);
  for (const [name, tensor] of weights) {
    const [layer = ''] = name.split('.');
    const { shape, data } = (fresh.includes(layer) ? expected : source.weights).get(name) ?? {};
    expect(tensor.shape, name).toEqual(shape);
    expect(tensor.data, name).toEqual(data);
  }
}

test('the same classes: the model as it is', async () => {
  const { model, notes } = await create(['a', 'b', 'c'], []);
  checkWeights(model, []);
  expect(notes).toEqual([]);
});

test('other classes: a new head, by the seed and the scheme of the run', async () => {
  const { model, notes } = await create(['x', 'y'], []);
  checkWeights(model, ['fc8']);
  expect(model.graph).toMatchObject({
    parameters: createNetwork('mnist', { ...network, classes: 2 }).graph.parameters.map(
      ({ name, shape }) => ({ name, shape }),
    ),
  });
  expect(model.metadata.labels).toEqual(['x', 'y']);
  expect(notes).toEqual(['note: fc8 is new: the model had 3 classes, the pictures have 2 others.']);
});

test('layers that start anew are named one by one', async () => {
  const { model, notes } = await create(['x', 'y'], ['conv2', 'fc*']);
  checkWeights(model, ['conv2', 'fc6', 'fc7', 'fc8']);
  expect(notes[1]).toBe(
    'note: initialised anew (glorot): conv2.weight, conv2.bias, fc6.weight, fc6.bias, fc7.weight, fc7.bias, fc8.weight, fc8.bias.',
  );
});

test('a layer that does not exist is an error that lists those that do', async () => {
  await expect(create(['x', 'y'], ['fc9'])).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: 'No layer is called "fc9".',
    hint: expect.stringContaining('conv1, conv2, conv3, fc6, fc7, fc8'),
  });
});
