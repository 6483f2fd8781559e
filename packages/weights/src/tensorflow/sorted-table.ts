import { damagedFile, unsupportedFile } from '../file-error.ts';
import { MEMORY_ALLOWANCE_BYTES } from '../memory-allowance.ts';
import { type Crc32c, maskCrc } from './crc32c.ts';
import { unpackSnappy } from './snappy.ts';

// LevelDB's table: blocks of sorted entries, an index of them, and at the end where that is.

/** At the end: two handles, then the magic number. */
const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Behind each block: how it is packed, and its check sum. */
const TRAILER_BYTES = 5;
const PACKING = { none: 0, snappy: 1 } as const;
/** What a packed block may unpack to; TensorFlow's have 256 KiB, and one entry more. */
const MAX_UNPACKED_BYTES = MEMORY_ALLOWANCE_BYTES;
/** Arrays of a checkpoint; those of large language models have some 10,000. */
export const MAX_ENTRIES = 100_000;
const MAX_KEY_BYTES = 4096;
/** Keys leave out what they share with the one before: all together at most this times the file, and a little. */
const MAX_KEY_RATIO = 8;
const KEY_ALLOWANCE = 64 * 1024;

/**
 * @param key - changes with the next entry
 * @param value - a view of the file, or of a block that was unpacked
 */
export type VisitEntry = (key: Uint8Array, value: Uint8Array) => void;

interface Extent {
  readonly offset: number;
  readonly size: number;
}

/** Whether bytes end as a table does. */
export function isSortedTable(bytes: Uint8Array): boolean {
  if (bytes.length < FOOTER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getBigUint64(bytes.length - 8, true) === MAGIC;
}

/** What a table is read with. */
export interface TableContext {
  readonly crc: Crc32c;
  /** Names the file in errors. */
  readonly place: string;
}

/**
 * Goes through the entries of a table, in their order. Each block is checked against its sum before it is looked at.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function readSortedTable(
  bytes: Uint8Array,
  { crc, place }: TableContext,
  visit: VisitEntry,
): void {
  if (!isSortedTable(bytes)) {
    throw damagedFile(
      place,
      `it does not end as a checkpoint's index does (${bytes.length} bytes)`,
    );
  }
  const body = bytes.subarray(0, bytes.length - FOOTER_BYTES);
  const footer = bytes.subarray(bytes.length - FOOTER_BYTES, bytes.length - 8);
  const cursor: Cursor = {
    key: new Uint8Array(MAX_KEY_BYTES),
    entries: MAX_ENTRIES,
    keyBytes: MAX_KEY_RATIO * bytes.length + KEY_ALLOWANCE,
  };
  const readBlock = (handle: Extent, name: string, each: VisitEntry): void => {
    const blockPlace = `${place}, ${name} at byte ${handle.offset}`;
    visitBlock(unpackBlock(body, handle, crc, blockPlace), cursor, blockPlace, each);
  };
  const [, index = NOWHERE] = readHandles(footer, 2, `${place}, footer`);
  const blocks: Extent[] = [];
  let end = 0;
  readBlock(index, 'index', (_, value) => {
    const [block = NOWHERE] = readHandles(value, 1, `${place}, index`);
    // Forwards only: the same block many times would be a table larger than its file.
    if (block.offset < end) {
      throw damagedFile(
        place,
        `a block at byte ${block.offset} lies before byte ${end}, in another`,
      );
    }
    end = block.offset + block.size;
    blocks.push(block);
  });
  for (const block of blocks) readBlock(block, 'block', visit);
}

const NOWHERE: Extent = { offset: 0, size: 0 };

function unpackBlock(
  body: Uint8Array,
  { offset, size }: Extent,
  crc: Crc32c,
  place: string,
): Uint8Array {
  const end = offset + size;
  if (end + TRAILER_BYTES > body.length) {
    throw damagedFile(place, `it should reach to byte ${end + TRAILER_BYTES} of ${body.length}`);
  }
  const view = new DataView(body.buffer, body.byteOffset + end, TRAILER_BYTES);
  const expected = view.getUint32(1, true);
  const actual = maskCrc(crc(body.subarray(offset, end + 1)));
  if (actual !== expected) {
    throw damagedFile(place, `its check sum is ${hex(actual)}, not ${hex(expected)}`);
  }
  const stored = body.subarray(offset, end);
  const packing = view.getUint8(0);
  if (packing === PACKING.none) return stored;
  if (packing === PACKING.snappy) return unpackSnappy(stored, MAX_UNPACKED_BYTES, place);
  throw unsupportedFile(
    place,
    `it is packed in way ${packing}; 0 (not at all) and 1 (snappy) are read`,
    'Load the checkpoint in TensorFlow and save it again.',
  );
}

/** What goes on from block to block. */
interface Cursor {
  /** Of the entry at hand. */
  readonly key: Uint8Array;
  /** Entries, and bytes of keys, that may still come. */
  entries: number;
  keyBytes: number;
}

/** Entries: bytes shared with the key before, further bytes of the key, bytes of the value; then restarts. */
function visitBlock(block: Uint8Array, cursor: Cursor, place: string, visit: VisitEntry): void {
  const limit = endOfEntries(block, place);
  let keyLength = 0;
  let position = 0;
  while (position < limit) {
    const [[shared = 0, own = 0, size = 0], start] = readVarints(block, position, limit, 3, place);
    const end = start + own + size;
    if (shared > keyLength || end > limit) {
      throw damagedFile(place, `its entry at byte ${position} does not lie within ${limit} bytes`);
    }
    keyLength = shared + own;
    if (keyLength > MAX_KEY_BYTES) {
      throw damagedFile(place, `a name takes ${keyLength} bytes; ${MAX_KEY_BYTES} are the limit`);
    }
    cursor.key.set(block.subarray(start, start + own), shared);
    cursor.entries -= 1;
    cursor.keyBytes -= keyLength;
    if (cursor.entries < 0 || cursor.keyBytes < 0) {
      throw damagedFile(place, `more than ${MAX_ENTRIES} entries, or names that outgrow the file`);
    }
    visit(cursor.key.subarray(0, keyLength), block.subarray(start + own, end));
    position = end;
  }
}

function endOfEntries(block: Uint8Array, place: string): number {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const restarts = block.length < 4 ? 0 : view.getUint32(block.length - 4, true);
  const limit = block.length - 4 - restarts * 4;
  if (limit >= 0) return limit;
  throw damagedFile(place, `it claims ${restarts} restarts in ${block.length} bytes`);
}

function readHandles(bytes: Uint8Array, count: number, place: string): readonly Extent[] {
  const [numbers] = readVarints(bytes, 0, bytes.length, count * 2, place);
  return Array.from({ length: count }, (_, index) => ({
    offset: numbers[index * 2] ?? 0,
    size: numbers[index * 2 + 1] ?? 0,
  }));
}

/** Bytes of a varint that holds no more than a safe integer. */
const MAX_VARINT_BYTES = 8;

function readVarints(
  bytes: Uint8Array,
  start: number,
  limit: number,
  count: number,
  place: string,
): readonly [numbers: readonly number[], end: number] {
  const numbers: number[] = [];
  let position = start;
  while (numbers.length < count) {
    let value = 0;
    let scale = 1;
    for (let byte = 128; byte >= 128; scale *= 128) {
      if (position >= limit || position - start >= count * MAX_VARINT_BYTES) {
        throw damagedFile(place, `a number at byte ${start} does not end`);
      }
      byte = bytes[position] ?? 0;
      position += 1;
      value += (byte & 127) * scale;
    }
    if (!Number.isSafeInteger(value)) throw damagedFile(place, `${value} is out of range`);
    numbers.push(value);
  }
  return [numbers, position];
}

function hex(sum: number): string {
  return `0x${sum.toString(16).padStart(8, '0')}`;
}
