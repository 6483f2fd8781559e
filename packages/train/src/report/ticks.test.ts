import { expect, test } from 'vitest';
import { makeTicks, makeWholeTicks } from './ticks.ts';

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(9)));

test.each([
  [0, 2.3, 5, [0, 0.5, 1, 1.5, 2]],
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [1, 1690, 6, [500, 1000, 1500]],
  [-1, 1, 4, [-1, -0.5, 0, 0.5, 1]],
  [0, 0.0004, 4, [0, 0.0001, 0.0002, 0.0003, 0.0004]],
])('%d to %d has round numbers', (low, high, count, expected) => {
  expect(rounded(makeTicks(low, high, count).values)).toEqual(expected);
});

test('epochs have no halves', () => {
  expect(makeWholeTicks(1, 3, 6).values).toEqual([1, 2, 3]);
  expect(makeWholeTicks(0.5, 1.5, 6).values).toEqual([1]);
});

test('an empty span has its one value', () => {
  expect(makeTicks(3, 3, 5).values).toEqual([3]);
});
