import { expect, test } from 'vitest';
import { compareTaps, compareTop1 } from './compare-taps.ts';

const TAPS = ['pool5', 'fc7', 'logits'].map((name) => ({ name, output: name }));

test('the largest error of each tap, and its share of the largest value', () => {
  const expected = new Map([
    ['pool5', [1, -8, 2]],
    ['fc7', [0, 0]],
    ['logits', [4, 2]],
  ]);
  const found = new Map([
    ['pool5', Float32Array.of(1, -7, 2.5)],
    ['fc7', Float32Array.of(0.25, 0)],
    ['logits', Float32Array.of(4, 2)],
  ]);
  expect(compareTaps(TAPS, expected, found)).toEqual([
    { name: 'pool5', maxAbsoluteError: 1, maxRelativeError: 1 / 8 },
    { name: 'fc7', maxAbsoluteError: 0.25, maxRelativeError: 0.25 },
    { name: 'logits', maxAbsoluteError: 0, maxRelativeError: 0 },
  ]);
});

test.each([
  ['not a number', [4, Number.NaN]],
  ['infinite', [Number.POSITIVE_INFINITY, 2]],
  ['missing', [4]],
  ['too many', [4, 2, 0]],
])('what is %s is infinitely far off', (_name, values) => {
  const [error] = compareTaps(TAPS, new Map([['logits', [4, 2]]]), new Map([['logits', values]]));
  expect(error?.maxRelativeError).toBe(Number.POSITIVE_INFINITY);
});

test('a tap that a runtime does not give is left out', () => {
  const expected = new Map(TAPS.map(({ name }) => [name, [1]]));
  const errors = compareTaps(TAPS, expected, new Map([['logits', [1]]]));
  expect(errors.map(({ name }) => name)).toEqual(['logits']);
});

test('the share of pictures with the same best class', () => {
  expect(compareTop1([1, 2, 3, 9, 8, 7], [0, 1, 5, 1, 2, 3], 3)).toBe(0.5);
});
