import { AlexNetError, type ErrorCode } from '../errors.ts';
import { formatShape, type Shape, sizeOf } from '../tensor.ts';

/** Longest header that is read; safetensors' own limit. */
const MAX_HEADER_BYTES = 100_000_000;
/** An AlexNet has 16 tensors. */
const MAX_TENSORS = 20_000;
const MAX_METADATA = 10_000;
const MAX_RANK = 16;
const LENGTH_BYTES = 8;

/** Element types of the format that are read, and their bytes. */
export const SAFETENSORS_TYPES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type SafetensorsType = keyof typeof SAFETENSORS_TYPES;

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsType;
  readonly shape: Shape;
  /** Its bytes, little-endian, row by row; a view of the file. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsHeader {
  /** In the header's order. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** How a damaged file is called. */
export interface SafetensorsBlame {
  readonly code: ErrorCode;
  readonly hint: string;
  /** Types that the caller reads; all unless given. */
  readonly types?: readonly SafetensorsType[];
}

/**
 * Reads the header of a safetensors file and checks all that it says: names are there once, tensors fill the file
 * exactly, each has the bytes that its type and shape need.
 *
 * @throws {@link AlexNetError} with the caller's code
 * @see huggingface/safetensors README, "Format"
 */
export function readSafetensorsHeader(
  bytes: Uint8Array,
  blame: SafetensorsBlame,
): SafetensorsHeader {
  const fail = (reason: string, cause?: unknown): never => {
    throw new AlexNetError(blame.code, {
      message: `This is no complete safetensors file: ${reason}.`,
      hint: blame.hint,
      cause,
    });
  };
  if (bytes.length < LENGTH_BYTES) fail(`it has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || LENGTH_BYTES + length > bytes.length) {
    fail(`its header claims ${length} bytes of a file of ${bytes.length}`);
  }
  const json = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  const body = bytes.subarray(LENGTH_BYTES + length);
  const { types = TYPES } = blame;
  const { declared, metadata } = parseHeader(decodeText(json, fail), types, fail);
  checkExtents(declared, body.length, fail);
  const entries = declared.map(({ name, dtype, shape, begin, end }) => {
    return { name, dtype, shape, bytes: body.subarray(begin, end) };
  });
  return { entries, metadata };
}

type Fail = (reason: string, cause?: unknown) => never;

const TYPES: readonly SafetensorsType[] = [
  'F64',
  'F32',
  'F16',
  'BF16',
  'I64',
  'I32',
  'I16',
  'I8',
  'U8',
  'BOOL',
];

interface Declared {
  readonly name: string;
  readonly dtype: SafetensorsType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

function decodeText(json: Uint8Array, fail: Fail): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(json);
  } catch (cause) {
    return fail('its header is not JSON', cause);
  }
}

/** Tensors must fill the body exactly: no overlap, no gap, nothing behind them. */
function checkExtents(declared: readonly Declared[], bodyBytes: number, fail: Fail): void {
  for (const { name, dtype, shape, begin, end } of declared) {
    const needed = sizeOf(shape) * SAFETENSORS_TYPES[dtype];
    if (end - begin === needed && end <= bodyBytes) continue;
    fail(
      `tensor ${quoteName(name)} of shape ${formatShape(shape)} needs ${needed} bytes, but is said to lie at ${begin}–${end} of ${bodyBytes}`,
    );
  }
  const sorted = [...declared].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let offset = 0;
  for (const { name, begin, end } of sorted) {
    if (begin !== offset)
      fail(`tensor ${quoteName(name)} starts at ${begin}, but ${offset} is next`);
    offset = end;
  }
  if (offset !== bodyBytes) fail(`its tensors end at ${offset} of ${bodyBytes} bytes`);
}

/** Names are free texts: in a message they are quoted, and cut. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}

/**
 * Reads the header's JSON, which has one form only. Not by JSON.parse: that takes the last of two equal names
 * without a word, and makes of a header of lists many times its length in memory.
 */
function parseHeader(
  text: string,
  types: readonly SafetensorsType[],
  fail: Fail,
): { readonly declared: readonly Declared[]; readonly metadata: Readonly<Record<string, string>> } {
  const scanner = createScanner(text, fail);
  const declared: Declared[] = [];
  const metadata: Record<string, string> = Object.create(null);
  scanner.fields('the header', (name) => {
    if (name === '__metadata__') {
      let count = 0;
      scanner.fields('__metadata__', (key) => {
        count += 1;
        if (count > MAX_METADATA) fail(`its metadata have more than ${MAX_METADATA} entries`);
        metadata[key] = scanner.string(`__metadata__.${key}`);
      });
      return;
    }
    if (declared.length >= MAX_TENSORS) fail(`it has more than ${MAX_TENSORS} tensors`);
    declared.push(parseEntry(name, scanner, types, fail));
  });
  scanner.end();
  return { declared, metadata };
}

function parseEntry(
  name: string,
  scanner: Scanner,
  types: readonly SafetensorsType[],
  fail: Fail,
): Declared {
  let dtype: SafetensorsType | undefined;
  let shape: Shape | undefined;
  let offsets: readonly number[] | undefined;
  scanner.fields(quoteName(name), (key) => {
    const place = `${name.slice(0, 100)}.${key.slice(0, 100)}`;
    if (key === 'dtype') {
      const found = scanner.string(place);
      dtype =
        types.find((type) => type === found) ??
        fail(
          `${place} should be one of ${types.map((type) => `"${type}"`).join(', ')}, but is ${quoteName(found)}`,
        );
    } else if (key === 'shape') shape = scanner.integers(place, MAX_RANK);
    else if (key === 'data_offsets') offsets = scanner.integers(place, 2);
    else fail(`${place} is no field of a tensor`);
  });
  const [begin, end] = offsets ?? [];
  if (!dtype || !shape || begin === undefined || end === undefined) {
    return fail(`tensor ${quoteName(name)} has not all of dtype, shape and data_offsets`);
  }
  return { name, dtype, shape, begin, end };
}

/** Reads JSON of a known form from left to right. */
interface Scanner {
  /** An object; each key comes once. @param read - reads the key's value */
  fields(what: string, read: (key: string) => void): void;
  string(what: string): string;
  /** A list of whole numbers that floats can tell apart. */
  integers(what: string, limit: number): readonly number[];
  /** Only white space is left. */
  end(): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;
/** Digits of the largest number that floats can tell from its neighbours. */
const MAX_DIGITS = 16;

/** By the codes of characters: patterns take ten times as long for a header of many tensors. */
function createScanner(text: string, fail: Fail): Scanner {
  let place = 0;
  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(place);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      place += 1;
    }
  };
  const skip = (sign: string): boolean => {
    skipSpace();
    if (text[place] !== sign) return false;
    place += 1;
    skipSpace();
    return true;
  };
  const expect = (sign: string, what: string): void => {
    if (!skip(sign)) notJson(`${what}: "${sign}" is missing at ${place} of ${text.length}`);
  };
  const notJson = (reason: string, cause?: unknown): never =>
    fail(`its header is not JSON of the format (${reason})`, cause);
  const readString = (what: string): string => {
    if (text.charCodeAt(place) !== QUOTE) notJson(`${what.slice(0, 100)} is no text`);
    const begin = place;
    let isPlain = true;
    for (place += 1; place < text.length; place += 1) {
      const code = text.charCodeAt(place);
      if (code === QUOTE) {
        place += 1;
        return isPlain ? text.slice(begin + 1, place - 1) : readEscaped(begin, what);
      }
      if (code === BACKSLASH) place += 1;
      if (code === BACKSLASH || code < 0x20) isPlain = false;
    }
    return notJson(`${what.slice(0, 100)} is no text`);
  };
  const readEscaped = (begin: number, what: string): string => {
    try {
      const value: unknown = JSON.parse(text.slice(begin, place));
      if (typeof value === 'string') return value;
    } catch (cause) {
      return notJson(`${what.slice(0, 100)} is no text`, cause);
    }
    return notJson(`${what.slice(0, 100)} is no text`);
  };
  const readInteger = (what: string): number => {
    const begin = place;
    let value = 0;
    for (; ; place += 1) {
      const code = text.charCodeAt(place);
      if (!(code >= ZERO && code <= NINE)) break;
      value = value * 10 + code - ZERO;
    }
    const digits = place - begin;
    const isCanonical = digits === 1 || (digits > 0 && text.charCodeAt(begin) !== ZERO);
    if (!isCanonical) notJson(`${what} is no list of whole numbers`);
    if (digits > MAX_DIGITS || value > Number.MAX_SAFE_INTEGER) notJson(`${what} is out of range`);
    return value;
  };
  /** What separates items, up to the closing sign. */
  const items = (closing: string, what: string, read: () => void): void => {
    if (skip(closing)) return;
    for (;;) {
      read();
      if (skip(closing)) return;
      expect(',', what);
    }
  };
  return {
    fields(what, read) {
      const seen = new Set<string>();
      expect('{', what);
      items('}', what, () => {
        const key = readString(what);
        if (seen.has(key)) fail(`${what} has ${quoteName(key)} twice`);
        seen.add(key);
        expect(':', what);
        read(key);
      });
    },
    string: readString,
    integers(what, limit) {
      const values: number[] = [];
      expect('[', what);
      items(']', what, () => {
        if (values.length >= limit) notJson(`${what} has more than ${limit} numbers`);
        values.push(readInteger(what));
      });
      return values;
    },
    end() {
      skipSpace();
      if (place !== text.length) notJson(`something follows at ${place} of ${text.length}`);
    },
  };
}
