import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

const text = (value: string) => new TextEncoder().encode(value);

test('the check value of CRC-32/ISO-HDLC, whole and going on from a part', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
  const parts = ['1', '', '2345678', '9'];
  expect(parts.reduce((sum, part) => crc32(text(part), sum), 0)).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

test('wherever the bytes lie', () => {
  const signs = text('0123456789abcdefghijklmnopqrstuvwxyz'.repeat(2));
  // By Python's zlib.crc32 of the same text, from its first, second … sign on.
  const sums = [0x7c938285, 0x45250aab, 0x2a2738a0, 0x73c89acb, 0xfa529acb, 0x53b8b4fd];
  for (const [begin, sum] of sums.entries()) {
    const shifted = new Uint8Array(90);
    for (const offset of [0, 1, 2, 3, 5]) {
      shifted.set(signs, offset);
      expect(crc32(shifted.subarray(offset + begin, offset + signs.length))).toBe(sum);
    }
  }
});
