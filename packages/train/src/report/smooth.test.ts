import { expect, test } from 'vitest';
import { smoothPoints, thinPoints } from './smooth.ts';

const points = (...values: number[]) => values.map((y, x) => ({ x, y }));

test('an average of span 3 halves what is old', () => {
  // β = ½: (½·4 + ¼·…)/(½), then weights 1 : 2, then 1 : 2 : 4.
  const smoothed = smoothPoints(points(4, 1, 8), 3);
  expect(smoothed.map(({ y }) => y)).toEqual([4, (4 + 2 * 1) / 3, (4 + 2 * 1 + 4 * 8) / 7]);
});

test('a span of 1 leaves the values, and what is no number is left out', () => {
  expect(smoothPoints(points(1, Number.NaN, 3), 1)).toEqual([
    { x: 0, y: 1 },
    { x: 2, y: 3 },
  ]);
});

test('thinning keeps every spike, in order', () => {
  const long = points(...Array.from({ length: 1000 }, (_, x) => (x === 777 ? 9 : x % 2)));
  const thin = thinPoints(long, 50);
  expect(thin.length).toBeLessThanOrEqual(100);
  expect(thin).toContainEqual({ x: 777, y: 9 });
  expect(thin.every(({ x }, index) => index === 0 || x > (thin[index - 1]?.x ?? 0))).toBe(true);
  expect(thinPoints(points(1, 2), 50)).toEqual(points(1, 2));
});
