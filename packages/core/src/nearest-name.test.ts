import { expect, test } from 'vitest';
import { nearestName, suggestName } from './nearest-name.ts';

const OPS = ['Conv', 'Relu', 'LRN', 'MaxPool', 'AveragePool', 'BatchNormalization', 'Gemm'];

test.each([
  ['ReLU', 'Relu'],
  ['Rleu', 'Relu'],
  ['Conv2d', 'Conv'],
  ['Convolution', 'Conv'],
  ['max_pool', 'MaxPool'],
  ['AvgPool', 'AveragePool'],
  ['BatchNorm2d', 'BatchNormalization'],
  ['lrn', 'LRN'],
])('%s is %s', (name, nearest) => {
  expect(nearestName(name, OPS)).toBe(nearest);
});

test.each(['Transpose', 'Add', '', '∑', 'x'.repeat(100_000)])('nothing is near %s', (name) => {
  expect(nearestName(name, OPS)).toBeNull();
  expect(suggestName(name, OPS)).toBe('');
});

test('suggestName asks', () => {
  expect(suggestName('Rel', OPS)).toBe(' Did you mean "Relu"?');
});
