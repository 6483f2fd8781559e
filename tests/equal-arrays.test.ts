import { expect, test } from 'vitest';

const numbers = Float32Array.of(1, -0, Number.NaN);

test('arrays of the same numbers are equal, wherever they lie in their buffers', () => {
  const moved = new Float32Array([9, ...numbers]).subarray(1);
  expect(moved).toEqual(numbers);
  expect({ inside: [moved] }).toStrictEqual({ inside: [numbers] });
});

test('one of two bit patterns of NaN is as good as the other', () => {
  const other = Float32Array.from(numbers);
  new Uint32Array(other.buffer)[2] = 0x7fc00001;
  expect(other).toEqual(numbers);
});

test.each([
  ['another number', Float32Array.of(2, -0, Number.NaN)],
  ['another zero', Float32Array.of(1, 0, Number.NaN)],
  ['another type of the same bytes', new Uint32Array(numbers.buffer)],
  ['one number less', numbers.subarray(1)],
  ['one more', Float32Array.of(...numbers, 0)],
])('%s is a difference', (_, array) => {
  expect(array).not.toEqual(numbers);
  expect(() => expect([array]).toEqual([numbers])).toThrow(/to deeply equal/);
});
