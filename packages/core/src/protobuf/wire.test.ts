import { expect, test } from 'vitest';
import { decodeFloat, encodeFloat } from './float.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

// Bytes of https://protobuf.dev/programming-guides/encoding, and of protobuf's limits.
const NUMBERS: readonly (readonly [value: bigint, hex: string])[] = [
  [0n, '00'],
  [1n, '01'],
  [127n, '7f'],
  [128n, '8001'],
  [150n, '9601'],
  [2n ** 28n - 1n, 'ffffff7f'],
  [2n ** 28n, '8080808001'],
  [2n ** 32n - 1n, 'ffffffff0f'],
  [2n ** 63n - 1n, 'ffffffffffffffff7f'],
  [-2n, 'feffffffffffffffff01'],
  [-(2n ** 63n), '80808080808080808001'],
];

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (hex: string): WireReader =>
  new WireReader(new Uint8Array(Buffer.from(hex, 'hex')));

test.each(NUMBERS)('%d is %s', (value, hex) => {
  expect(toHex(new WireWriter().int64(value).finish())).toBe(hex);
  const reader = fromHex(hex);
  expect(reader.int64()).toBe(value);
  expect(reader.position).toBe(hex.length / 2);
  if (value < 0n || value >= 2n ** 32n) return;
  expect(toHex(new WireWriter().uint32(Number(value)).finish())).toBe(hex);
  expect(fromHex(hex).uint32()).toBe(Number(value));
});

test('texts are UTF-8 with their length in front, floats little-endian', () => {
  const writer = new WireWriter()
    .text('testing')
    .text('é')
    .raw(encodeFloat(1))
    .raw(encodeFloat(-0.5));
  const hex = '0774657374696e67 02c3a9 0000803f 000000bf'.replaceAll(' ', '');
  expect(toHex(writer.finish())).toBe(hex);
  const reader = fromHex(hex);
  expect([reader.text(), reader.text()]).toEqual(['testing', 'é']);
  expect([decodeFloat(reader.raw(4)), decodeFloat(reader.raw(4))]).toEqual([1, -0.5]);
  expect(writer.byteLength).toBe(hex.length / 2);
});

test('what is longer than the room made for it makes more', () => {
  const long = new Uint8Array(1000).fill(7);
  const bytes = new WireWriter().uint32(1).raw(long).uint32(300).finish();
  expect(toHex(bytes)).toBe(`01${'07'.repeat(1000)}ac02`);
});

function skipField(reader: WireReader): void {
  const { number, wireType } = reader.tag();
  reader.skip(wireType, number);
}

test('fields of every kind are passed over, groups within groups too', () => {
  const reader = fromHex(
    '08 9601  11 0000000000000000  1a 01 ff  23 2b 08 05 2c 24  35 00000000'.replaceAll(' ', ''),
  );
  const ends: number[] = [];
  while (reader.position < reader.end) {
    skipField(reader);
    ends.push(reader.position);
  }
  expect(ends).toEqual([3, 12, 15, 21, 26]);
});

test.each([
  ['a length behind the end', '05 00 00', (reader: WireReader) => reader.delimited()],
  ['a length of 2³²', '80 80 80 80 10', (reader: WireReader) => reader.uint32()],
  ['a number of eleven bytes', 'ff '.repeat(11), (reader: WireReader) => reader.int64()],
  ['a number cut short', 'ff ff', (reader: WireReader) => reader.int64()],
  ['half a float', '00 00', (reader: WireReader) => reader.raw(4)],
  ['field number 0', '05', (reader: WireReader) => reader.tag()],
  ['wire type 6', '', (reader: WireReader) => reader.skip(6, 1)],
  ['a group without end', 'a3 06 08 01', skipField],
  ['a group that another one ends', '0b 14', skipField],
  ['groups nested 10⁵ deep', '0b '.repeat(100_000), skipField],
])('refuses %s', (_, hex, read) => {
  expect(() => read(fromHex(hex.replaceAll(' ', '')))).toThrow(RangeError);
});
