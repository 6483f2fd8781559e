/** CRC-32 as zip and PNG have it, reflected. */
const POLYNOMIAL = 0xedb88320;
const WORD_BYTES = 4;

/** Table s holds the remainder of a byte that is followed by s zero bytes. */
type Tables = readonly [first: Int32Array, ...rest: Int32Array[]];

/**
 * The checksum of some bytes, one part after another.
 *
 * @see ISO 3309 · "slicing by 8", Kounavis and Berry 2005
 */
export function crc32(...parts: readonly Uint8Array[]): number {
  const tables = createTables();
  return ~parts.reduce((crc, part) => update(crc, part, tables), -1) >>> 0;
}

/** Two words at a time; what lies before and behind them byte by byte. */
function update(start: number, bytes: Uint8Array, tables: Tables): number {
  const [first] = tables;
  if (bytes.length < 2 * WORD_BYTES) return updateBytes(start, bytes, first);
  const head = (WORD_BYTES - (bytes.byteOffset % WORD_BYTES)) % WORD_BYTES;
  const pairs = Math.floor((bytes.length - head) / (2 * WORD_BYTES));
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, 2 * pairs);
  const tail = bytes.subarray(head + words.byteLength);
  const before = updateBytes(start, bytes.subarray(0, head), first);
  return updateBytes(updateWords(before, words, tables), tail, first);
}

function updateBytes(start: number, bytes: Uint8Array, table: Int32Array): number {
  return bytes.reduce((crc, byte) => (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0), start);
}

function updateWords(start: number, words: Int32Array, tables: Tables): number {
  const none = new Int32Array();
  const [t0, t1 = none, t2 = none, t3 = none, t4 = none, t5 = none, t6 = none, t7 = none] = tables;
  let crc = start;
  for (let at = 0; at < words.length; at += 2) {
    const a = (words[at] ?? 0) ^ crc;
    const b = words[at + 1] ?? 0;
    crc =
      (t7[a & 0xff] ?? 0) ^
      (t6[(a >>> 8) & 0xff] ?? 0) ^
      (t5[(a >>> 16) & 0xff] ?? 0) ^
      (t4[a >>> 24] ?? 0) ^
      (t3[b & 0xff] ?? 0) ^
      (t2[(b >>> 8) & 0xff] ?? 0) ^
      (t1[(b >>> 16) & 0xff] ?? 0) ^
      (t0[b >>> 24] ?? 0);
  }
  return crc;
}

function createTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    }
    return remainder;
  });
  const followed = (table: Int32Array) =>
    table.map((remainder) => (remainder >>> 8) ^ (first[remainder & 0xff] ?? 0));
  const rest: Int32Array[] = [];
  for (let table = followed(first); rest.length < 7; table = followed(table)) rest.push(table);
  return [first, ...rest];
}
