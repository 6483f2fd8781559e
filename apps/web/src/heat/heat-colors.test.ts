import { expect, test } from 'vitest';
import { paintHeat } from './heat-colors.ts';

test('nothing is transparent, for is warm, against is cold, and more is less transparent', () => {
  const pixels = paintHeat([0, 0.5, 1, -1, 9], 1);
  const [none, half, full, against, beyond] = [0, 1, 2, 3, 4].map((at) => [
    ...pixels.subarray(at * 4, at * 4 + 4),
  ]);
  expect(none?.[3]).toBe(0);
  expect(half?.[3]).toBeLessThan(full?.[3] ?? 0);
  expect(full?.[0]).toBeGreaterThan(full?.[2] ?? 255);
  expect(against?.[2]).toBeGreaterThan(against?.[0] ?? 255);
  expect(beyond).toEqual(full);
});

test('a map without any effect is transparent', () => {
  expect([...paintHeat([0, 0], 0)].filter((_, at) => at % 4 === 3)).toEqual([0, 0]);
});
