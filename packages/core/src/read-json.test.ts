import { describe, expect, test } from 'vitest';
import { readJson } from './read-json.ts';

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
