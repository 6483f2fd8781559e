/** CRC-32 as zip and PNG have it, reflected. */
const POLYNOMIAL = 0xedb88320;
const WORD_BYTES = 4;
/** Bytes that are taken at once. */
const SLICE_BYTES = 16;
/** Of a table: an entry for each byte. */
const ENTRIES = 256;

/** The checksum of some bytes, going on from that of the bytes before them. `crc32` of `node:zlib` is one as well. */
export type Crc32 = (bytes: Uint8Array, before?: number) => number;

/**
 * CRC-32 in JavaScript, for code that may not know `node:zlib`.
 *
 * @param before - the checksum of what comes before; 0, that of nothing, unless given
 * @see ISO 3309 · "slicing by 16", after Kounavis and Berry 2005
 *
 * @example
 * crc32(new TextEncoder().encode('123456789')).toString(16) // 'cbf43926'
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  return ~update(~before, bytes, createTables()) >>> 0;
}

/** Four words at a time; what lies before and behind them byte by byte. */
function update(start: number, bytes: Uint8Array, tables: Int32Array): number {
  if (bytes.length < SLICE_BYTES) return updateBytes(start, bytes, tables);
  const head = (WORD_BYTES - (bytes.byteOffset % WORD_BYTES)) % WORD_BYTES;
  const slices = Math.floor((bytes.length - head) / SLICE_BYTES);
  const words = new Int32Array(
    bytes.buffer,
    bytes.byteOffset + head,
    (slices * SLICE_BYTES) / WORD_BYTES,
  );
  const tail = bytes.subarray(head + words.byteLength);
  const before = updateBytes(start, bytes.subarray(0, head), tables);
  return updateBytes(updateWords(before, words, tables), tail, tables);
}

function updateBytes(start: number, bytes: Uint8Array, tables: Int32Array): number {
  return bytes.reduce((crc, byte) => (crc >>> 8) ^ (tables[(crc ^ byte) & 0xff] ?? 0), start);
}

/** Each byte is looked up in the table of the bytes that follow it. */
function updateWords(start: number, words: Int32Array, tables: Int32Array): number {
  let crc = start;
  for (let at = 0; at < words.length; at += 4) {
    crc =
      lookUp(tables, 12, (words[at] ?? 0) ^ crc) ^
      lookUp(tables, 8, words[at + 1] ?? 0) ^
      lookUp(tables, 4, words[at + 2] ?? 0) ^
      lookUp(tables, 0, words[at + 3] ?? 0);
  }
  return crc;
}

/** @param following - bytes of the slice that come after the word */
function lookUp(tables: Int32Array, following: number, word: number): number {
  const first = following * ENTRIES;
  return (
    (tables[first + 3 * ENTRIES + (word & 0xff)] ?? 0) ^
    (tables[first + 2 * ENTRIES + ((word >>> 8) & 0xff)] ?? 0) ^
    (tables[first + ENTRIES + ((word >>> 16) & 0xff)] ?? 0) ^
    (tables[first + (word >>> 24)] ?? 0)
  );
}

/** Tables one after another; the s-th holds the remainder of a byte that is followed by s zero bytes. */
function createTables(): Int32Array {
  const tables = new Int32Array(SLICE_BYTES * ENTRIES);
  for (let byte = 0; byte < ENTRIES; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    }
    tables[byte] = remainder;
  }
  for (let at = ENTRIES; at < tables.length; at++) {
    const remainder = tables[at - ENTRIES] ?? 0;
    tables[at] = (remainder >>> 8) ^ (tables[remainder & 0xff] ?? 0);
  }
  return tables;
}
