import { expect, test } from 'vitest';
import { crc32c, encodeRecord } from './record.ts';

test.each([
  // RFC 3720, appendix B.4
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(255), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  [new TextEncoder().encode('123456789'), 0xe3069283],
])('CRC-32C of known bytes', (bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});

test('a record is its length, the data, and a sum of each', () => {
  const record = encodeRecord(Uint8Array.of(1, 2, 3));
  expect(record).toHaveLength(8 + 4 + 3 + 4);
  expect([...record.subarray(0, 8)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
  expect([...record.subarray(12, 15)]).toEqual([1, 2, 3]);
});
