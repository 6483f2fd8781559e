import { describe, expect, test } from 'vitest';
import { decodeFloats } from './decode-floats.ts';

// Bit patterns from IEEE 754 and the definition of bfloat16, written out by hand.
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('decodeFloats', () => {
  test.each([
    { type: 'float16', stored: bytes(0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b), floats: [1, -2, 65504] },
    { type: 'float16', stored: bytes(0x01, 0x00, 0xff, 0x83), floats: [2 ** -24, -1023 / 2 ** 24] },
    { type: 'float16', stored: bytes(0x00, 0x7c, 0x00, 0xfc), floats: [Infinity, -Infinity] },
    { type: 'float16', stored: bytes(0x00, 0x80, 0x55, 0x35), floats: [-0, 0.333251953125] },
    { type: 'bfloat16', stored: bytes(0x80, 0x3f, 0x49, 0xc0), floats: [1, -3.140625] },
    { type: 'float32', stored: bytes(0, 0, 0x20, 0xc1), floats: [-10] },
    { type: 'float64', stored: bytes(0, 0, 0, 0, 0, 0, 0xf8, 0x3f), floats: [1.5] },
    { type: 'int8', stored: bytes(0x80, 0x7f), floats: [-128, 127] },
    { type: 'uint8', stored: bytes(0x80, 0xff), floats: [128, 255] },
    { type: 'bool', stored: bytes(0, 1, 2), floats: [0, 1, 1] },
    { type: 'int16', stored: bytes(0xfe, 0xff), floats: [-2] },
    { type: 'uint16', stored: bytes(0xfe, 0xff), floats: [65534] },
    { type: 'int32', stored: bytes(0xff, 0xff, 0xff, 0xff), floats: [-1] },
    { type: 'uint32', stored: bytes(0, 0, 0, 0x80), floats: [2 ** 31] },
    {
      type: 'int64',
      stored: bytes(0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      floats: [-3],
    },
    { type: 'uint64', stored: bytes(0, 0, 0, 0, 0, 0, 0, 0x80), floats: [2 ** 63] },
  ] as const)('$type, in both byte orders, wherever it lies', ({ type, stored, floats }) => {
    const size = stored.length / floats.length;
    const swapped = Uint8Array.from(
      { length: stored.length },
      (_, index) => stored[index - (index % size) + size - 1 - (index % size)] ?? 0,
    );
    const shifted = new Uint8Array(stored.length + 1);
    shifted.set(stored, 1);
    expect([...decodeFloats(stored, type)]).toEqual(floats);
    expect([...decodeFloats(swapped, type, 'big')]).toEqual(floats);
    expect([...decodeFloats(shifted.subarray(1), type)]).toEqual(floats);
  });

  test('a half that is no number', () => {
    expect(decodeFloats(bytes(0x01, 0x7e), 'float16')[0]).toBeNaN();
  });

  test('float32 is a view', () => {
    const stored = bytes(0, 0, 0x80, 0x3f);
    expect(decodeFloats(stored, 'float32').buffer).toBe(stored.buffer);
  });
});
