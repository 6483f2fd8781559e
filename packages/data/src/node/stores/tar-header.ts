/** A tar archive is made of blocks of this size. */
export const BLOCK_BYTES = 512;

/** One header of a tar archive, as it stands there. */
export interface TarHeader {
  readonly name: string;
  readonly sizeBytes: number;
  /** `0` is a file, `5` a folder, `1` and `2` are links, `x`, `g`, `L` and `K` say something of the next entry. */
  readonly type: string;
  readonly linkName: string;
}

const NAME = [0, 100] as const;
const SIZE = [124, 136] as const;
const CHECKSUM = [148, 156] as const;
const TYPE = 156;
const LINK_NAME = [157, 257] as const;
const MAGIC = [257, 262] as const;
const PREFIX = [345, 500] as const;
const BLANK = 0x20;
const ZERO = 0x30;

/**
 * Reads a header; `null` if its checksum is wrong, so that it is none.
 *
 * @see POSIX.1-2017, pax, "ustar Interchange Format" · GNU tar manual, "Basic Tar Format"
 */
export function parseTarHeader(block: Uint8Array): TarHeader | null {
  if (block.length < BLOCK_BYTES || !hasChecksum(block)) return null;
  const sizeBytes = readNumber(block.subarray(...SIZE));
  if (sizeBytes === null) return null;
  const name = readText(block.subarray(...NAME));
  const isUstar = readText(block.subarray(...MAGIC)) === 'ustar' && block[262] === 0;
  const prefix = isUstar ? readText(block.subarray(...PREFIX)) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes,
    type: String.fromCharCode(block[TYPE] || ZERO),
    linkName: readText(block.subarray(...LINK_NAME)),
  };
}

export function isEmptyBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** The sum of the header's bytes, with blanks in place of the sum itself; some old programs summed signed bytes. */
function hasChecksum(block: Uint8Array): boolean {
  const [from, to] = CHECKSUM;
  const field = block.subarray(from, to);
  let sum = BLANK * (to - from);
  let negative = 0;
  for (let at = 0; at < BLOCK_BYTES; at++) {
    const byte = block[at] as number;
    sum += byte;
    negative += byte >> 7;
  }
  for (const byte of field) {
    sum -= byte;
    negative -= byte >> 7;
  }
  const expected = readNumber(field);
  return expected === sum || expected === sum - 256 * negative;
}

/** Octal digits, or GNU's binary numbers, whose first bit is set. */
function readNumber(field: Uint8Array): number | null {
  if ((field[0] ?? 0) === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : null;
  }
  let end = field.length;
  while (end > 0 && (field[end - 1] === 0 || field[end - 1] === BLANK)) end -= 1;
  let at = 0;
  while (field[at] === BLANK) at += 1;
  let value = 0;
  for (; at < end; at++) {
    const digit = (field[at] as number) - ZERO;
    if (digit < 0 || digit > 7) return null;
    value = 8 * value + digit;
  }
  return value;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** As far as the first zero; in UTF-8, or in Latin-1 as old programs wrote. */
export function readText(field: Uint8Array): string {
  const end = field.indexOf(0);
  const bytes = end < 0 ? field : field.subarray(0, end);
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

/**
 * The records of a pax header; `null` if they are none.
 *
 * @see POSIX.1-2017, pax, "pax Extended Header"
 */
export function parsePax(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(readText(bytes.subarray(at, blank)));
    const isWhole =
      Number.isInteger(length) && length > blank - at + 1 && at + length <= bytes.length;
    if (!isWhole) return null;
    const record = readText(bytes.subarray(blank + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals < 1) return null;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
