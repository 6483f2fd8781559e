import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';

/** One word of a text. */
export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  /** As it stands there; of a `text`, what it means. */
  readonly text: string;
  /** Of a number; 0 of everything else. */
  readonly value: number;
  /** Where it begins, in characters. */
  readonly start: number;
}

export interface Scanner {
  next(): Token;
  peek(): Token;
  /** @param reason - the second half of a sentence: `a value should be here` */
  fault(token: Token, reason: string): AlexNetError;
}

const SIGNS = '{}<>[]:,;-';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
]);

/** Splits protobuf's text format into words. */
export function createScanner(source: string): Scanner {
  // Sticky, and without a repetition inside another: linear time.
  const patterns = {
    name: /[A-Za-z_][A-Za-z0-9_]*/y,
    number: /(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?)/y,
    spaces: /[\s\ufeff]+/y,
    comment: /#[^\n]*/y,
    /** What may follow a backslash as the code of a character. */
    code: /(?:[xX]([0-9a-fA-F]{1,2})|([0-7]{1,3}))/y,
  };
  let position = 0;
  let pending: Token | undefined;

  const at = () => source.charAt(position);
  const match = (kind: keyof typeof patterns): RegExpExecArray | null => {
    const pattern = patterns[kind];
    pattern.lastIndex = position;
    const found = pattern.exec(source);
    if (found) position = pattern.lastIndex;
    return found;
  };
  const fault = ({ start, kind, text }: Token, reason: string): AlexNetError => {
    const lines = source.slice(0, start).split('\n');
    const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
    const found = kind === 'end' ? 'the end' : quoteName(text);
    return new AlexNetError('INVALID_MODEL', {
      message: `This is not a readable prototxt: ${place}: ${reason}, but there is ${found}.`,
      hint: 'Compare it with the original. A binary file (.caffemodel, .binaryproto) is no prototxt.',
    });
  };
  const readText = (quote: string, start: number): Token => {
    const parts: string[] = [];
    for (;;) {
      const from = position;
      while (position < source.length && !'\\\n'.includes(at()) && at() !== quote) position += 1;
      parts.push(source.slice(from, position));
      const end = at();
      position += 1;
      if (end === quote) return { kind: 'text', text: parts.join(''), value: 0, start };
      const open: Token = { kind: 'sign', text: quote, value: 0, start };
      if (end !== '\\') throw fault(open, 'a text should end on its line');
      parts.push(readEscape());
    }
  };
  const readEscape = (): string => {
    const code = match('code');
    if (code) {
      const [, hex, octal] = code;
      return String.fromCharCode(
        hex === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(hex, 16),
      );
    }
    const letter = at();
    position += 1;
    return ESCAPES.get(letter) ?? letter;
  };
  const read = (): Token => {
    while (match('spaces') ?? match('comment'));
    const start = position;
    if (start >= source.length) return { kind: 'end', text: '', value: 0, start };
    const name = match('name');
    if (name) return { kind: 'name', text: name[0], value: 0, start };
    const number = match('number');
    if (number) return { kind: 'number', text: number[0], value: toNumber(number[0]), start };
    const sign = at();
    position += 1;
    if (sign === '"' || sign === "'") return readText(sign, start);
    const token: Token = { kind: 'sign', text: sign, value: 0, start };
    if (!SIGNS.includes(sign)) throw fault(token, 'a field or a value should be here');
    return token;
  };
  return {
    next() {
      const token = pending ?? read();
      pending = undefined;
      return token;
    },
    peek() {
      pending ??= read();
      return pending;
    },
    fault,
  };
}

/** Hexadecimal, octal (a zero in front) or decimal, with an f behind it or without. */
function toNumber(text: string): number {
  if (/^0[xX]/.test(text)) return Number(text);
  return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.parseFloat(text);
}
