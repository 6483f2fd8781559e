import { describe, expect, test } from 'vitest';
import { toHalves, widenHalf, widenHalves } from './half.ts';

const HALVES = Array.from({ length: 0x7c00 }, (_, bits) => widenHalf(bits));

test('what halves stand for, by IEEE 754', () => {
  expect([0x3c00, 0xc000, 0x3555, 0x7bff, 0x0400, 0x0001].map(widenHalf)).toEqual([
    1,
    -2,
    0.333251953125,
    65504,
    2 ** -14,
    2 ** -24,
  ]);
  expect([0x7c00, 0xfc00, 0x7e00].map(widenHalf)).toEqual([Infinity, -Infinity, Number.NaN]);
});

describe('floats become', () => {
  test('the half that they are, for each there is', () => {
    const both = [...HALVES, ...HALVES.map((half) => -half)];
    const bits = toHalves('w', Float32Array.from(both));
    expect(Array.from(widenHalves(bits))).toEqual(both);
  });

  test('between two halves the nearer one, and in the middle the even one', () => {
    const middles = HALVES.slice(1).map((half, index) => ((HALVES[index] ?? 0) + half) / 2);
    const even = Array.from(middles, (_, index) => index + (index % 2));
    expect(Array.from(toHalves('w', Float32Array.from(middles)))).toEqual(even);
    const below = toHalves(
      'w',
      Float32Array.from(middles, (value) => value * (1 - 2 ** -22)),
    );
    expect(Array.from(below)).toEqual(even.map((_, index) => index));
    const above = toHalves(
      'w',
      Float32Array.from(middles, (value) => value * (1 + 2 ** -22)),
    );
    expect(Array.from(above)).toEqual(even.map((_, index) => index + 1));
  });

  test('zero where they are nothing beside the smallest half', () => {
    const tiny = Float32Array.of(2 ** -25, -(2 ** -25), 2 ** -130, 1e-45);
    expect(Array.from(toHalves('w', tiny))).toEqual([0, 0x8000, 0, 0]);
  });

  test('an error that names them, where they are too large', () => {
    expect(Array.from(toHalves('w', Float32Array.of(65519)))).toEqual([0x7bff]);
    expect(() => toHalves('fc8.weight', Float32Array.of(1, -65520))).toThrow(
      'fc8.weight has the number -65520 at index 1, but the largest of float16 is 65504.',
    );
    expect(() => toHalves('w', Float32Array.of(Number.NaN))).toThrow('NaN');
  });
});
