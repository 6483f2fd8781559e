import { expect, test } from 'vitest';
import { selectTopK } from './top-k.ts';

const LABELS = ['ant', 'bee', 'cat', 'dog', 'eel'];
const PROBABILITIES = [0.1, 0.3, 0.05, 0.3, 0.25];

test('gives the best first, and of equals the one with the smaller index', () => {
  expect(selectTopK(PROBABILITIES, LABELS, 3)).toEqual([
    { index: 1, label: 'bee', probability: 0.3 },
    { index: 3, label: 'dog', probability: 0.3 },
    { index: 4, label: 'eel', probability: 0.25 },
  ]);
});

test('gives all classes, sorted, for k = classes', () => {
  const order = selectTopK(PROBABILITIES, LABELS, 5).map(({ index }) => index);
  expect(order).toEqual([1, 3, 4, 0, 2]);
});

test('agrees with a full sort on 1,000 classes', () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1009) / 1009);
  const labels = Array.from(values, (_, index) => `class ${index}`);
  const sorted = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
  expect(selectTopK(values, labels, 40).map(({ index }) => index)).toEqual(sorted.slice(0, 40));
});
