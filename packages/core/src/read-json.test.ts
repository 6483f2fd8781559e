import { describe, expect, test } from 'vitest';
import { readJson } from './read-json.ts';
import { readNumber } from './read-number.ts';

function read(value: unknown) {
  return readJson(value, { code: 'INVALID_GRAPH', what: 'The file' });
}

describe('readJson', () => {
  test('reads what is there', () => {
    const json = read({ a: [1, 2], b: { c: 'x' }, d: true, e: null });
    expect(json.field('a').integers(2)).toEqual([1, 2]);
    expect(json.field('b').field('c').oneOf(['x', 'y'])).toBe('x');
    expect(json.field('d').boolean()).toBe(true);
    expect(json.field('e').stringOrNull()).toBeNull();
    expect(json.has('f')).toBe(false);
  });

  test.each([
    { value: { a: 'text' }, says: 'The file: a should be a number, but is "text".' },
    { value: { a: [1] }, says: 'The file: a should be a number, but is a list of 1.' },
    { value: {}, says: 'The file: a should be a number, but is missing.' },
    { value: { a: Number.NaN }, says: 'The file: a should be a number, but is NaN.' },
    { value: 7, says: 'The file: the value should be an object, but is 7.' },
  ])('$says', ({ value, says }) => {
    expect(() => read(value).field('a').number()).toThrowError(
      expect.objectContaining({ code: 'INVALID_GRAPH', message: says }),
    );
  });

  test.each([
    { range: { above: 0 }, value: 0, says: 'a number above 0, but is 0' },
    { range: { min: 0, below: 1 }, value: 1, says: 'a number of at least 0 and below 1, but is 1' },
    { range: { min: 0, max: 1 }, value: -1, says: 'a number of at least 0 and of at most 1' },
  ])('$says', ({ range, value, says }) => {
    expect(() => readNumber(read({ a: value }).field('a'), range)).toThrowError(says);
    expect(readNumber(read({ a: 0.5 }).field('a'), range)).toBe(0.5);
  });

  test('inherited fields are not there', () => {
    expect(() => read({}).field('__proto__').string()).toThrowError(/is missing/);
    expect(() => read({}).field('constructor').string()).toThrowError(/is missing/);
  });

  test('what is nested deeper than the stack is an error like any other', () => {
    let deep: unknown = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(() => read({ a: deep }).field('a').string()).toThrowError(/a list of 1/);
  });
});
