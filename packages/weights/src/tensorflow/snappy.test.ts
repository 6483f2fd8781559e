import { describe, expect, test } from 'vitest';
import { unpackSnappy } from './snappy.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const unpack = (...packed: readonly number[]) => unpackSnappy(Uint8Array.from(packed), 1000, 'x');
const [a, b, c] = [0x61, 0x62, 0x63];

// Written by hand after format_description.txt.
describe('unpackSnappy', () => {
  test('bytes as they are', () => {
    expect(text(unpack(3, 0x08, a, b, c))).toBe('abc');
    expect(text(unpack(0))).toBe('');
  });

  test('a long run of them, its length in bytes of its own', () => {
    const run = new Array<number>(100).fill(a);
    expect(text(unpack(100, 60 << 2, 99, ...run))).toBe('a'.repeat(100));
    expect(text(unpack(100, 61 << 2, 99, 0, ...run))).toBe('a'.repeat(100));
  });

  test('copies with offsets of one, two and four bytes; they may overlap what they make', () => {
    expect(text(unpack(6, 0x04, a, b, 0x01, 2))).toBe('ababab');
    expect(text(unpack(6, 0x04, a, b, (3 << 2) | 2, 2, 0))).toBe('ababab');
    expect(text(unpack(6, 0x04, a, b, (3 << 2) | 3, 2, 0, 0, 0))).toBe('ababab');
    expect(text(unpack(5, 0x00, a, 0x01, 1))).toBe('aaaaa');
  });

  test.each([
    {
      what: 'a length that promises gigabytes',
      packed: [0xff, 0xff, 0xff, 0xff, 0x0f, 0],
      says: 'claim to unpack to 4294967295',
    },
    {
      what: 'a length without end',
      packed: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      says: 'its length does not end',
    },
    {
      what: 'a length beyond the limit',
      packed: [0xe9, 0x07, ...new Array<number>(100).fill(0)],
      says: 'claim to unpack to 1001',
    },
    { what: 'nothing', packed: [], says: 'its length does not end' },
    {
      what: 'bytes that are not there',
      packed: [3, 0x08, a],
      says: 'refers to bytes that are not there',
    },
    {
      what: 'a copy from before the beginning',
      packed: [6, 0x04, a, b, 0x01, 3],
      says: 'refers to bytes that are not there',
    },
    {
      what: 'a copy from itself',
      packed: [6, 0x04, a, b, 0x01, 0],
      says: 'refers to bytes that are not there',
    },
    {
      what: 'a copy that is cut short',
      packed: [6, 0x04, a, b, 0x02],
      says: 'refers to bytes that are not there',
    },
    { what: 'more than it said', packed: [2, 0x08, a, b, c], says: 'more than its 2 bytes' },
    {
      what: 'less than it said',
      packed: [4, 0x08, a, b, c],
      says: 'unpacks to 3 bytes, not to its 4',
    },
  ])('$what: refused', ({ packed, says }) => {
    expect(() => unpack(...packed)).toThrowError(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining(says) }),
    );
  });
});
