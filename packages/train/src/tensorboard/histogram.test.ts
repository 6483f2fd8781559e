import { expect, test } from 'vitest';
import { countValues } from './histogram.ts';

test('every number is in one bucket', () => {
  const values = Float32Array.from({ length: 90 }, (_, i) => i % 31);
  const { counts, limits, ...sums } = countValues(values);
  expect(counts.reduce((a, b) => a + b)).toBe(90);
  expect(limits).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  // 0 … 30 twice, then 0 … 27; the last bucket has 29 and 30.
  expect(counts.slice(0, 28)).toEqual(Array.from({ length: 28 }, () => 3));
  expect(counts.slice(28)).toEqual([2, 4]);
  expect(sums).toEqual({ min: 0, max: 30, count: 90, sum: 2 * 465 + 378, sumSquares: 25840 });
});

test('of equal values there is one bucket, and of no numbers none', () => {
  expect(countValues(Float32Array.of(2, 2))).toMatchObject({ limits: [2], counts: [2] });
  expect(countValues(Float32Array.of(Number.NaN))).toMatchObject({ count: 0, counts: [0] });
});
