import { damagedFile } from '../file-error.ts';

/** Most bytes that three compressed ones can stand for. */
const MAX_COPY = 64;
/** Least bytes of a copy of {@link MAX_COPY}. */
const COPY_BYTES = 3;
/** Bytes of the length in front, at most. */
const MAX_LENGTH_BYTES = 5;

/**
 * Unpacks a snappy block.
 *
 * The length in front is checked against what so many bytes can stand for before anything is allocated.
 *
 * @param limit - the largest block
 * @throws AlexNetError `INVALID_MODEL`
 * @see github.com/google/snappy, format_description.txt
 */
export function unpackSnappy(packed: Uint8Array, limit: number, place: string): Uint8Array {
  const { length, start } = readLength(packed, place);
  const most = Math.ceil(packed.length / COPY_BYTES) * MAX_COPY;
  if (length > Math.min(limit, most)) {
    throw damagedFile(place, `its ${packed.length} bytes claim to unpack to ${length}`);
  }
  const unpacked = new Uint8Array(length);
  let from = start;
  let to = 0;
  while (from < packed.length) {
    const element = readElement(packed, from);
    const { bytes, offset } = element;
    const source = offset === 0 ? element.end : to - offset;
    const end = offset === 0 ? source + bytes : element.end;
    if (end > packed.length || source < 0 || source >= (offset === 0 ? packed.length : to)) {
      throw damagedFile(place, `its packed byte ${from} refers to bytes that are not there`);
    }
    if (to + bytes > length)
      throw damagedFile(place, `it unpacks to more than its ${length} bytes`);
    if (offset === 0) unpacked.set(packed.subarray(source, end), to);
    // One by one: a copy may overlap with what it makes.
    else for (let i = 0; i < bytes; i++) unpacked[to + i] = unpacked[source + i] ?? 0;
    to += bytes;
    from = end;
  }
  if (to !== length) throw damagedFile(place, `it unpacks to ${to} bytes, not to its ${length}`);
  return unpacked;
}

function readLength(packed: Uint8Array, place: string): { length: number; start: number } {
  let length = 0;
  for (let i = 0; i < Math.min(packed.length, MAX_LENGTH_BYTES); i++) {
    const byte = packed[i] ?? 0;
    length += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { length, start: i + 1 };
  }
  throw damagedFile(place, 'its length does not end');
}

interface Element {
  /** How many it makes. */
  readonly bytes: number;
  /** How far back they are copied from; 0 of bytes that follow as they are. */
  readonly offset: number;
  /** Behind the tag and its numbers. */
  readonly end: number;
}

function readElement(packed: Uint8Array, at: number): Element {
  const tag = packed[at] ?? 0;
  const long = tag >>> 2;
  const number = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i++) value += (packed[at + 1 + i] ?? 0) * 2 ** (8 * i);
    return value;
  };
  switch (tag & 3) {
    case 0: {
      const extra = Math.max(0, long - 59);
      return { bytes: (extra === 0 ? long : number(extra)) + 1, offset: 0, end: at + 1 + extra };
    }
    case 1: {
      const offset = (tag >>> 5) * 256 + number(1);
      return {
        bytes: ((tag >>> 2) & 7) + 4,
        offset: offset || Number.POSITIVE_INFINITY,
        end: at + 2,
      };
    }
    case 2:
      return { bytes: long + 1, offset: number(2) || Number.POSITIVE_INFINITY, end: at + 3 };
    default:
      return { bytes: long + 1, offset: number(4) || Number.POSITIVE_INFINITY, end: at + 5 };
  }
}
