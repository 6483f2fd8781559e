import { expect, test } from 'vitest';
import { nameAll, pick, pickField } from './pick.ts';

const MISSING = { code: 'INTERNAL', message: expect.stringMatching(/^"fc8" is not known/) };

test('gives what is there, and names what is not', () => {
  expect(pick(new Map([['fc7', 0]]), 'fc7')).toBe(0);
  expect(pickField({ fc7: 0 }, 'fc7')).toBe(0);
  expect(() => pick(new Map([['fc7', 0]]), 'fc8')).toThrow(expect.objectContaining(MISSING));
  expect(() => pickField({ fc7: 0 }, 'fc8')).toThrow(expect.objectContaining(MISSING));
});

test('names values in their order, each of them', () => {
  expect([...nameAll(['a', 'b'], [1, 2])]).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect(() => nameAll(['a', 'b'], [1])).toThrow('1 values for 2 names: a, b');
});
