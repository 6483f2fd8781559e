import { createModel, createTensor } from '@alexnet/core';
import { expect, test } from 'vitest';
import { NO_PROGRESS } from '../checkpoint/checkpoint.ts';
import { type DivergentStep, explainDivergence } from './explain-divergence.ts';

const { graph, weights, metadata } = createModel('mnist', { widthMultiplier: 1 / 64, classes: 3 });

/** A step of two pictures, with one weight of another value. */
function stepWith(name: string, value: number, change: Partial<DivergentStep> = {}) {
  const state = new Map(weights);
  const { shape, data } = state.get(name) ?? createTensor([]);
  state.set(name, { shape, data: data.map(() => value) });
  return explainDivergence({
    step: 5,
    epoch: 2,
    learningRate: 0.5,
    clip: null,
    before: { graph, metadata, state, progress: NO_PROGRESS },
    graph,
    batch: {
      images: new Float32Array(),
      labels: Int32Array.of(0, 1),
      indices: Uint32Array.of(3, 8),
      count: 2,
    },
    images: new Float32Array(2 * 784).fill(1),
    seed: 0,
    rows: [1],
    lost: null,
    nameOf: (picture) => `photos/${picture}.jpg`,
    file: 'checkpoints/step-4.safetensors',
    ...change,
  });
}

test('names the first layer beyond float32, the picture, the batch, and where the state is', () => {
  const error = stepWith('conv2.bias', Number.POSITIVE_INFINITY);
  expect(error.message).toBe(
    'The loss is no longer a number at step 5 (epoch 2, learning rate 0.5): conv2 gives infinity on photos/8.jpg. Its batch: photos/3.jpg, photos/8.jpg.',
  );
  expect(error.hint).toContain('checkpoints/step-4.safetensors');
  expect(error.hint).toContain('or with --clip-norm 2');
  expect(error.path).toEqual(['conv2', 'photos/3.jpg', 'photos/8.jpg']);
  expect(error.code).toBe('NUMERIC');
});

test('shortened gradients are not recommended where they were shortened', () => {
  const { hint } = stepWith('conv2.bias', Number.POSITIVE_INFINITY, {
    clip: { by: 'norm', limit: 2 },
  });
  expect(hint).toContain('--learning-rate, 0.05 for example.');
  expect(hint).not.toContain('--clip-norm');
});

test('a tenth of a rate that is far off would be as far off', () => {
  const { hint } = stepWith('conv2.bias', Number.POSITIVE_INFINITY, { learningRate: 1e30 });
  expect(hint).toContain('--learning-rate, 0.01 for example');
});

test('pictures are named once where the whole batch is hit', () => {
  const { message } = stepWith('conv2.bias', Number.POSITIVE_INFINITY, { rows: [0, 1] });
  expect(message).toContain(
    'conv2 gives infinity on every picture. Its batch: photos/3.jpg, photos/8.jpg.',
  );
});

test('a weight that is no number is found where it is first used', () => {
  expect(stepWith('conv3.weight', Number.NaN).message).toContain('conv3 gives NaN');
});

test('where the loss alone is too much, the layer with the largest number is named', () => {
  const { message } = stepWith('fc8.bias', 1e6, { rows: [] });
  expect(message).toMatch(/: fc8 gives 1\.0e\+6\. Its batch/);
});

test('an update that lost a parameter is told as such', () => {
  const { message } = stepWith('fc8.bias', 0, { lost: 'fc6.weight', rows: [] });
  expect(message).toContain(': fc6.weight is no number after its update.');
});
