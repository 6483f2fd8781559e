import { describe, expect, test } from 'vitest';
import { ByteReader } from './byte-reader.ts';

const bytes = Uint8Array.of(1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff, 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44);

function refuses(read: (reader: ByteReader) => unknown, says: RegExp): void {
  const reader = new ByteReader(bytes, 'a.bin');
  expect(() => read(reader)).toThrowError(
    expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringMatching(says) }),
  );
}

describe('ByteReader', () => {
  test('reads little-endian numbers one after another', () => {
    const reader = new ByteReader(bytes, 'a.bin');
    expect(reader.uint8('a')).toBe(1);
    expect(reader.uint16('b')).toBe(0x0302);
    reader.seek(0, 'the start');
    expect(reader.uint32('c')).toBe(0x04030201);
    expect(reader.int32('d')).toBe(-1);
    expect(reader.offset).toBe(8);
    reader.seek(0, 'the start');
    expect(new ByteReader(Uint8Array.of(1, 0, 0, 0, 0, 0, 0x10, 0), 'b').uint64('e')).toBe(
      2 ** 52 + 1,
    );
    const pi = Uint8Array.of(0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18);
    expect(new ByteReader(pi, 'b').float64BigEndian('f')).toBe(Math.PI);
  });

  test('takes views, of a part of a larger buffer as well', () => {
    const reader = new ByteReader(bytes.subarray(2), 'a.bin');
    const taken = reader.take(2, 'a');
    expect([...taken]).toEqual([3, 4]);
    expect(taken.buffer).toBe(bytes.buffer);
    expect(reader.remaining).toBe(bytes.length - 4);
  });

  test('reads lines', () => {
    const reader = new ByteReader(new TextEncoder().encode('ab\n\ncd'), 'a.bin');
    expect([...reader.line('a', 10)]).toEqual([97, 98]);
    expect([...reader.line('b', 10)]).toEqual([]);
    expect(reader.offset).toBe(4);
    expect(() => reader.line('c', 10)).toThrowError(/c at byte 4 has no end within 2 bytes/);
  });

  test('refuses what lies beyond the end, with both numbers', () => {
    refuses((reader) => reader.take(15, 'the data'), /the data at byte 0 needs 15 bytes, but 14/);
    refuses((reader) => reader.skip(-1, 'x'), /needs -1 bytes/);
    refuses((reader) => reader.take(2 ** 60, 'x'), /x at byte 0 needs/);
    refuses((reader) => reader.take(0.5, 'x'), /needs 0.5 bytes/);
    refuses((reader) => reader.seek(15, 'the data'), /said to lie at byte 15 of 14/);
    refuses((reader) => reader.seek(Number.NaN, 'x'), /byte NaN of 14/);
    refuses((reader) => {
      reader.seek(14, 'x');
      reader.uint8('x');
    }, /x at byte 14 needs 1 bytes, but 0/);
    refuses((reader) => reader.uint64('the size'), /the size is 18446744069481890305, more than/);
    refuses((reader) => reader.line('a name', 3), /a name at byte 0 has no end within 3 bytes/);
  });
});
