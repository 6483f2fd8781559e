import { describe, expect, test } from 'vitest';
import { crc32 } from './crc32.ts';
import { readZip } from './read-zip.ts';
import { writeZip } from './write-zip.ts';

const text = (value: string) => new TextEncoder().encode(value);

describe('writeZip', () => {
  const bytes = writeZip([
    { name: 'a/data.pkl', parts: [text('first '), text('content')] },
    { name: 'größe', parts: [] },
    { name: 'b', parts: [text('123456789')] },
  ]);

  test('is read back, each content a view at a multiple of 64 bytes', async () => {
    const archive = readZip(bytes, 'a.zip');
    const contents = await Promise.all([...archive.values()].map((entry) => entry.read()));
    expect([...archive.keys()]).toEqual(['a/data.pkl', 'größe', 'b']);
    expect(contents.map((content) => new TextDecoder().decode(content))).toEqual([
      'first content',
      '',
      '123456789',
    ]);
    expect(contents.map(({ byteOffset }) => byteOffset % 64)).toEqual([0, 0, 0]);
    expect(contents.every(({ buffer }) => buffer === bytes.buffer)).toBe(true);
  });

  test('the same content gives the same bytes', () => {
    expect(writeZip([])).toEqual(Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18)));
    expect(bytes.subarray(0, 8)).toEqual(Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 8));
  });
});

test('crc32, in parts of any length', () => {
  // The check value of CRC-32/ISO-HDLC.
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
  expect(crc32(text('1'), text(''), text('2345678'), text('9'))).toBe(0xcbf43926);
  expect(crc32()).toBe(0);
});

test('crc32, wherever the bytes lie', () => {
  const digits = text('0123456789abcdefghijklmnopqrstuvwxyz');
  // By Python's zlib.crc32 of the same text, from its first, second … letter on.
  const sums = [0xfdb5537d, 0x6649163a, 0x3150f632, 0x2d83281c, 0xa4cef4be, 0x82aca4b2];
  for (const [begin, sum] of sums.entries()) {
    const shifted = new Uint8Array(50);
    for (const offset of [0, 1, 2, 3, 5]) {
      shifted.set(digits, offset);
      const moved = shifted.subarray(offset + begin, offset + digits.length);
      expect(crc32(moved)).toBe(sum);
    }
  }
});
