import { createNetwork } from '@alexnet/core';
import { expect, test } from 'vitest';
import { buildForward, type ForwardOptions } from './build-forward.ts';

test('takes the weights as inputs, and any number of pictures', () => {
  const { graph } = createNetwork('mini');
  const { model, image, parameters, output } = buildForward(graph, { batchSize: 'dynamic' });
  expect(image.shape).toEqual(['N', 3, 227, 227]);
  expect(output).toEqual({ name: 'logits', shape: ['N', 10] });
  expect(model.graph.input.map(({ name }) => name)).toEqual([
    'image',
    ...graph.parameters.map(({ name }) => name),
  ]);
  expect(parameters.map(({ name }) => name)).toEqual(graph.parameters.map(({ name }) => name));
  const [firstDimension] = model.graph.output[0]?.type?.tensorType?.shape?.dim ?? [];
  expect(firstDimension).toEqual({ dimParam: 'N' });
});

test('has neither masks nor what only a gradient needs', () => {
  const { graph } = createNetwork('mini');
  const { model } = buildForward(graph, { batchSize: 4 });
  const pools = model.graph.node.filter(({ opType }) => opType === 'MaxPool');
  expect(pools.map(({ output }) => output.length)).toEqual([1, 1, 1]);
  expect(model.graph.node.filter(({ name = '' }) => name.startsWith('drop'))).toEqual([]);
});

test('refuses a batch size that is no count', () => {
  const { graph } = createNetwork('mini');
  expect(() => buildForward(graph, { batchSize: 0 })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});

test('goes through the Fourier transform only where the number of pictures is known', () => {
  const { graph } = createNetwork('compact');
  const countConvolutions = (options: ForwardOptions) =>
    buildForward(graph, options).model.graph.node.filter(({ opType }) => opType === 'Conv').length;
  expect(countConvolutions({ batchSize: 64 })).toBe(5);
  expect(countConvolutions({ batchSize: 64, convolutions: 'counted' })).toBeLessThan(5);
  expect(() => buildForward(graph, { batchSize: 'dynamic', convolutions: 'counted' })).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: 'convolutions are "counted", and the batch size is "dynamic".',
    }),
  );
});
