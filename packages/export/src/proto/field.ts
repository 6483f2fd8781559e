import type { WireReader } from '@alexnet/core/protobuf';
import { decodeFloat, encodeFloat, WireType } from '@alexnet/core/protobuf';
import { decodeFields } from './decode-fields.ts';
import { encodeFields } from './encode-fields.ts';
import type { Field, Message } from './message.ts';
import { readBytes } from './read-bytes.ts';
import type { Source } from './source.ts';

export function required<T>(field: Field<T>): Field<T> {
  return { ...field, absence: 'required' };
}

export function implied<T>(value: T, field: Field<T>): Field<T> {
  return { ...field, absence: { value } };
}

/** UTF-8; other bytes are a fault. */
export function string(number: number): Field<string> {
  return {
    number,
    wireType: WireType.bytes,
    absence: 'optional',
    read: ({ reader }) => reader.text(),
    write: (sink, value) => sink.tag(number, WireType.bytes).text(value),
  };
}

/** Read as a view of the file's bytes, not a copy. */
export function bytes(number: number): Field<Uint8Array> {
  return {
    number,
    wireType: WireType.bytes,
    absence: 'optional',
    read: readBytes,
    write: (sink, value) => sink.bytes(number, value),
  };
}

/** A list of numbers as the bytes that it is packed in: read as a view, and not a number at a time. */
export function packed(number: number): Field<Uint8Array> {
  return {
    ...bytes(number),
    read(source, previous) {
      // Legal protobuf (the lists are joined), but no encoder writes it, and parsers differ over it.
      if (previous !== undefined) throw new RangeError('the list comes twice');
      return readBytes(source);
    },
  };
}

export function float(number: number): Field<number> {
  return {
    number,
    wireType: WireType.fixed32,
    absence: 'optional',
    read: ({ reader }) => decodeFloat(reader.raw(4)),
    write: (sink, value) => sink.tag(number, WireType.fixed32).raw(encodeFloat(value)),
  };
}

/** int64 with all its bits. */
export function int64(number: number): Field<bigint> {
  return {
    number,
    wireType: WireType.varint,
    absence: 'optional',
    read: ({ reader }) => reader.int64(),
    write: (sink, value) => sink.tag(number, WireType.varint).int64(value),
  };
}

/** int32, int64 or an enum whose values are counts, versions and the like: a safe integer. */
export function integer(number: number): Field<number> {
  return {
    number,
    wireType: WireType.varint,
    absence: 'optional',
    read: ({ reader }) => readSafeInteger(reader),
    write: (sink, value) => sink.tag(number, WireType.varint).int64(BigInt(value)),
  };
}

/** A length along an axis: a safe integer from 0. */
export function length(number: number): Field<number> {
  return {
    ...integer(number),
    read({ reader }) {
      const value = readSafeInteger(reader);
      if (value < 0) throw new RangeError(`a length of ${value}`);
      return value;
    },
  };
}

export function message<M>(number: number, type: () => Message<M>): Field<M> {
  return {
    number,
    wireType: WireType.bytes,
    absence: 'optional',
    read(source, previous) {
      // Legal protobuf (the two are merged), but no encoder writes it, and parsers differ over it.
      if (previous !== undefined) throw new RangeError('the field comes twice');
      return decodeFields(source, type());
    },
    write: (sink, value) => sink.message(number, (inner) => encodeFields(inner, type(), value)),
  };
}

/** Numbers may also come packed, many in one length-delimited field. */
export function repeated<T>(item: Field<T>): Field<readonly T[]> {
  return {
    number: item.number,
    wireType: item.wireType,
    absence: { value: [] },
    read(source, previous, wireType) {
      // The list of this message alone, made by the first occurrence.
      const list = (previous ?? []) as T[];
      if (wireType === item.wireType) list.push(item.read(source, undefined, wireType));
      else readPacked(source, item, list);
      return list;
    },
    write(sink, values) {
      for (const value of values) item.write(sink, value);
    },
  };
}

function readPacked<T>(source: Source, item: Field<T>, list: T[]): void {
  const { reader } = source;
  const end = reader.uint32() + reader.position;
  const outerEnd = reader.end;
  if (end > outerEnd) throw new RangeError(`it should reach to byte ${end}`);
  reader.end = end;
  while (reader.position < end) {
    source.count();
    list.push(item.read(source, undefined, item.wireType));
  }
  reader.end = outerEnd;
}

function readSafeInteger(reader: WireReader): number {
  const value = reader.int64();
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is out of range`);
  return number;
}
