import { expect, test } from 'vitest';
import { shortenFloat32 } from './attribute-reader.ts';

test.each([
  [0.75, 0.75],
  [Math.fround(1e-4), 1e-4],
  [Math.fround(0.1), 0.1],
  [Math.fround(1 / 3), 0.33333334],
  [2 ** 24, 2 ** 24],
  [-0, -0],
  [Math.fround(1.1754944e-38), 1.1754944e-38],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  [Number.NaN, Number.NaN],
])('the shortest decimal of %d', (value, expected) => {
  expect(shortenFloat32(value)).toBe(expected);
  expect(Math.fround(shortenFloat32(value))).toBe(value);
});
