import { describe, expect, test } from 'vitest';
import { MessageReader } from './message-reader.ts';
import {
  bytesField,
  floatField,
  floats,
  joinBytes,
  tag,
  varint,
  varintField,
} from './test-message.ts';

const open = (...parts: readonly ArrayLike<number>[]) =>
  MessageReader.open(joinBytes(...parts), 'thing');

/** Numbers of all fields, or the refusal. */
function fieldsOf(...parts: readonly ArrayLike<number>[]): readonly number[] {
  const reader = open(...parts);
  const found: number[] = [];
  while (reader.next()) found.push(reader.field);
  return found;
}

describe('MessageReader', () => {
  // The examples of protobuf.dev, "Encoding".
  test('the examples of the specification', () => {
    const number = open([0x08, 0x96, 0x01]);
    expect([number.next(), number.field, number.integer(), number.next()]).toEqual([
      true,
      1,
      150,
      false,
    ]);
    const text = open([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    expect([text.next(), text.field, text.text()]).toEqual([true, 2, 'testing']);
    const inner = open([0x1a, 0x03, 0x08, 0x96, 0x01]);
    inner.next();
    const message = inner.message('c');
    message.next();
    expect([inner.field, message.field, message.integer()]).toEqual([3, 1, 150]);
    const packed = open([0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]);
    packed.next();
    const list: number[] = [];
    packed.appendIntegers(list, 3);
    expect([packed.field, ...list]).toEqual([6, 3, 270, 86942]);
  });

  test.each([
    { value: 0 },
    { value: 127 },
    { value: 128 },
    { value: 2 ** 31 },
    { value: 2 ** 48 + 1 },
    { value: 2 ** 49 },
    { value: Number.MAX_SAFE_INTEGER },
    { value: -1 },
    { value: -(2 ** 31) },
    { value: Number.MIN_SAFE_INTEGER },
  ])('$value comes back', ({ value }) => {
    const reader = open(varintField(1, value));
    reader.next();
    expect(reader.integer()).toBe(value);
  });

  test('floats, texts and bytes; nothing is copied', () => {
    const bytes = joinBytes(floatField(1, 1.5), bytesField(2, 'ü'), bytesField(3, floats(2)));
    const reader = MessageReader.open(bytes, 'thing');
    reader.next();
    expect(reader.float()).toBe(1.5);
    expect([...reader.fixed(4)]).toEqual([...floats(1.5)]);
    reader.next();
    expect(reader.text()).toBe('ü');
    reader.next();
    expect(reader.content().buffer).toBe(bytes.buffer);
    expect(reader.next()).toBe(false);
    reader.rewind();
    expect([reader.next(), reader.field]).toEqual([true, 1]);
  });

  test('fields of every kind are passed over, groups too', () => {
    const group = joinBytes(tag(9, 3), varintField(1, 5), tag(7, 3), tag(7, 4), tag(9, 4));
    const fixed64 = joinBytes(tag(4, 1), new Uint8Array(8));
    const found = fieldsOf(varintField(2, 1), group, fixed64, floatField(5, 1), bytesField(6, 'x'));
    expect(found).toEqual([2, 9, 4, 5, 6]);
  });

  test.each([
    {
      what: 'protobuf: varints without end',
      bytes: joinBytes(tag(1, 0), new Uint8Array(100_000).fill(0xff)),
      says: 'the number does not end',
    },
    {
      what: 'a varint that is cut short',
      bytes: joinBytes(tag(1, 0), [0x80]),
      says: 'the number is cut short',
    },
    {
      what: 'protobuf: lengths over 2³¹',
      bytes: joinBytes(tag(1, 2), varint(2 ** 31)),
      says: 'it should reach to byte 2147483654, but the message ends at 6',
    },
    {
      what: 'a length of 2⁶⁴ − 1',
      bytes: joinBytes(tag(1, 2), varint(-1n)),
      says: '18446744073709551615 is out of range',
    },
    {
      what: 'a length one too long',
      bytes: joinBytes(tag(1, 2), [3, 0, 0]),
      says: 'it should reach to byte 5, but the message ends at 4',
    },
    {
      what: 'protobuf: groups nested 10⁵ deep',
      bytes: new Uint8Array(100_000).fill(0x0b),
      says: 'more than 100 groups within each other',
    },
    {
      what: 'a group that another one ends',
      bytes: joinBytes(tag(1, 3), tag(2, 4)),
      says: 'group 2 was never opened',
    },
    { what: 'an end without a group', bytes: tag(1, 4), says: 'wire type 4 is none' },
    { what: 'wire type 6', bytes: tag(1, 6), says: 'wire type 6 is none' },
    { what: 'field 0', bytes: tag(0, 0), says: 'a field has the number 0' },
    {
      what: 'a field beyond 2²⁹',
      bytes: varint(2 ** 32),
      says: '4294967296 is out of range',
    },
    { what: 'a float that is cut short', bytes: joinBytes(tag(1, 5), [0, 0]), says: 'to byte 5' },
  ])('$what: refused', ({ bytes, says }) => {
    expect(() => fieldsOf(bytes)).toThrowError(
      expect.objectContaining({
        code: 'INVALID_MODEL',
        message: expect.stringMatching(
          new RegExp(
            `^This is not a readable thing: the file, at byte \\d+ of ${bytes.length}: .*${says}`,
          ),
        ),
      }),
    );
  });

  test.each([
    { what: 'a number in place of a text', read: () => next(varintField(1, 5)).text() },
    { what: 'a text in place of a number', read: () => next(bytesField(1, 'x')).integer() },
    {
      what: 'a number that no double holds',
      read: () => next(varintField(1, 2n ** 60n)).integer(),
    },
    {
      what: 'a list beyond its limit',
      read: () => next(bytesField(1, Uint8Array.of(1, 2, 3))).appendIntegers([], 2),
    },
  ])('$what: refused', ({ read }) => {
    expect(read).toThrowError(expect.objectContaining({ code: 'INVALID_MODEL' }));
  });

  function next(bytes: Uint8Array): MessageReader {
    const reader = MessageReader.open(bytes, 'thing');
    reader.next();
    return reader;
  }

  test('an error names the path and the byte in the file', () => {
    const reader = open(varintField(1, 1), bytesField(2, bytesField(3, Uint8Array.of(0xff))));
    reader.next();
    reader.next();
    const layer = reader.message('layer[0]');
    layer.next();
    const blob = layer.message('blobs[0]');
    expect(() => blob.next()).toThrowError(
      expect.objectContaining({
        message: expect.stringMatching(/: layer\[0\]\.blobs\[0\], at byte 6 of 7: /),
        path: ['blobs[0]', 'layer[0]'],
      }),
    );
  });
});
