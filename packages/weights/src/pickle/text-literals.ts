import type { PickleLongText } from './values.ts';

const BACKSLASH = 0x5c;
const QUOTES: readonly number[] = [0x22, 0x27];
const LETTER_X = 'x'.charCodeAt(0);
const LETTER_U = 'U'.charCodeAt(0);
const LETTER_SMALL_U = 'u'.charCodeAt(0);
const MAX_CODE_POINT = 0x10ffff;

/** What follows a backslash, and the byte that it stands for. */
const ESCAPES: readonly (readonly [letter: string, byte: number])[] = [
  ['\\', 0x5c],
  ["'", 0x27],
  ['"', 0x22],
  ['a', 0x07],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
];

/**
 * Bytes that Python 2 wrote as `repr` shows them: `'a\x00\n'`.
 *
 * @returns undefined if it is nothing of the kind
 */
export function decodeStringLiteral(line: Uint8Array): Uint8Array | undefined {
  const quote = line[0] ?? 0;
  if (line.length < 2 || !QUOTES.includes(quote) || line.at(-1) !== quote) return undefined;
  const escapes = new Map(ESCAPES.map(([letter, byte]) => [letter.charCodeAt(0), byte]));
  const decoded = new Uint8Array(line.length - 2);
  const end = line.length - 1;
  let length = 0;
  for (let at = 1; at < end; at += 1) {
    let byte = line[at] ?? 0;
    if (byte === BACKSLASH) {
      at += 1;
      const letter = line[at] ?? 0;
      if (letter === LETTER_X) {
        byte = parseDigits(line, at + 1, 2);
        at += 2;
      } else byte = escapes.get(letter) ?? -1;
      if (byte < 0 || at >= end) return undefined;
    }
    decoded[length] = byte;
    length += 1;
  }
  return decoded.subarray(0, length);
}

/**
 * Text in Python's "raw-unicode-escape": Latin-1, and `\uXXXX` or `\UXXXXXXXX` for the rest.
 *
 * @param line - as short as names are
 * @returns undefined if it is nothing of the kind
 */
export function decodeRawUnicode(line: Uint8Array): string | undefined {
  const letters: string[] = [];
  for (let at = 0; at < line.length; ) {
    const { code, next } = readRawUnicode(line, at);
    if (code < 0 || code > MAX_CODE_POINT) return undefined;
    letters.push(String.fromCodePoint(code));
    at = next;
  }
  return letters.join('');
}

/**
 * The bytes that a text stands for whose characters are all of Latin-1.
 *
 * @returns undefined if one of them is not
 */
export function encodeLatin1(text: string | PickleLongText): Uint8Array | undefined {
  if (typeof text === 'string') {
    const bytes = new Uint8Array(text.length);
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0xff) return undefined;
      bytes[index] = code;
    }
    return bytes;
  }
  return text.form === 'utf-8' ? encodeUtf8(text.written) : encodeRawUnicode(text.written);
}

/**
 * Up to U+00FF, UTF-8 is a byte, or C2 or C3 and another one. Half of the bytes of an array begin such a pair, at random:
 * without branches, which processors would guess wrong, it takes a third of the time.
 */
function encodeUtf8(written: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(written.length);
  let length = 0;
  let faults = 0;
  for (let at = 0; at < written.length; ) {
    const first = written[at] ?? 0;
    const isPair = first >>> 7;
    const next = written[at + isPair] ?? 0;
    const mask = -isPair;
    faults |= mask & (((first & 0xfe) ^ 0xc2) | ((next & 0xc0) ^ 0x80));
    bytes[length] = (first & ~mask) | (mask & (((first & 3) << 6) | (next & 0x3f)));
    length += 1;
    at += 1 + isPair;
  }
  return faults === 0 ? bytes.slice(0, length) : undefined;
}

function encodeRawUnicode(written: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(written.length);
  let length = 0;
  for (let at = 0; at < written.length; length += 1) {
    const byte = written[at] ?? 0;
    if (byte !== BACKSLASH) {
      bytes[length] = byte;
      at += 1;
      continue;
    }
    const { code, next } = readRawUnicode(written, at);
    if (code < 0 || code > 0xff) return undefined;
    bytes[length] = code;
    at = next;
  }
  return bytes.slice(0, length);
}

/** A character and where the next one begins; its code is −1 where its digits are none. */
function readRawUnicode(
  line: Uint8Array,
  at: number,
): { readonly code: number; readonly next: number } {
  const byte = line[at] ?? 0;
  const letter = byte === BACKSLASH ? line[at + 1] : 0;
  if (letter !== LETTER_SMALL_U && letter !== LETTER_U) return { code: byte, next: at + 1 };
  const digits = letter === LETTER_U ? 8 : 4;
  return { code: parseDigits(line, at + 2, digits), next: at + 2 + digits };
}

/** Hexadecimal digits; −1 where one of them is none. */
function parseDigits(line: Uint8Array, begin: number, count: number): number {
  let value = 0;
  for (let at = begin; at < begin + count; at += 1) {
    const digit = digitOf(line[at] ?? 0);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  // Both cases of a letter differ in one bit.
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
