import { describe, expect, test } from 'vitest';
import { readingFrom } from './read-floats.ts';
import { transposeInto, turnRows } from './transpose.ts';

const count = (length: number) => Float32Array.from({ length }, (_, index) => index);

describe('transposeInto: [P, I, O] becomes [O, I, P]', () => {
  test('by hand', () => {
    const target = new Float32Array(6);
    // Two pixels of one input for three outputs.
    transposeInto(readingFrom(Float32Array.of(1, 2, 3, 4, 5, 6)), target, [2, 1, 3]);
    expect([...target]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test.each([
    { what: 'a matrix wider and higher than a block', lengths: [1, 700, 130] },
    { what: 'kernels', lengths: [9, 65, 67] },
    { what: 'more pixels than are gathered at once', lengths: [1000, 3, 2] },
    { what: 'one output', lengths: [4, 5, 1] },
    { what: 'no inputs', lengths: [4, 0, 3] },
    { what: 'no pixels', lengths: [0, 4, 3] },
    { what: 'no outputs', lengths: [4, 3, 0] },
  ] as const)('$what', ({ lengths }) => {
    const [P, I, O] = lengths;
    const target = new Float32Array(P * I * O);
    transposeInto(readingFrom(count(P * I * O)), target, lengths);
    const expected = Array.from({ length: O }, (_, o) =>
      Array.from({ length: I }, (_, i) => Array.from({ length: P }, (_, p) => (p * I + i) * O + o)),
    );
    expect([...target]).toEqual(expected.flat(2));
  });

  test('reads a part of the source at a time', () => {
    const source = count(4096 * 64);
    let longest = 0;
    transposeInto(
      (target, begin) => {
        longest = Math.max(longest, target.length);
        readingFrom(source)(target, begin);
      },
      new Float32Array(source.length),
      [1, 4096, 64],
    );
    expect(longest).toBeLessThan(source.length / 8);
  });
});

test('turnRows: [P, I] of each row becomes [I, P]', () => {
  // Two rows of two pixels with three channels.
  expect([...turnRows(count(12), [2, 2, 3])]).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
});
