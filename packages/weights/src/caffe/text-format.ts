import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import { MAX_FIELDS } from './decode-net.ts';
import type { Fields, FieldValue } from './fields.ts';
import { createScanner, type Scanner, type Token } from './text-scanner.ts';

/** Characters of a text that is read; ResNet-152's takes 60,000. */
const MAX_LENGTH = 1024 * 1024;
/** Messages within each other; protobuf's own libraries stop at the same depth. */
const MAX_DEPTH = 100;

/** What closes a message or a list, by what opens it. */
const CLOSING: ReadonlyMap<string, string> = new Map([
  ['{', '}'],
  ['<', '>'],
]);

/**
 * Reads protobuf's text format: `.prototxt`. Which fields there are is not looked at.
 *
 * @throws AlexNetError `INVALID_MODEL` naming line and column
 * @see protobuf.dev, "Text Format Language Specification"
 */
export function parseTextFormat(text: string): Fields {
  if (text.length > MAX_LENGTH) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The prototxt has ${text.length} characters; ${MAX_LENGTH} are the limit.`,
      hint: 'Is it a file of another kind? The description of a network is a few thousand lines.',
    });
  }
  const scanner = createScanner(text);
  const root: Draft = new Map();
  const open: OpenMessage[] = [];
  let fields = root;
  let count = 0;
  for (let token = scanner.next(); ; token = scanner.next()) {
    const closing = open.at(-1)?.closing;
    if (token.kind === 'end' && closing === undefined) return root;
    if (token.kind === 'sign' && token.text === closing) {
      fields = open.pop()?.outer ?? root;
      skipSeparator(scanner);
      continue;
    }
    count += 1;
    if (count > MAX_FIELDS) throw scanner.fault(token, `more than ${MAX_FIELDS} fields`);
    const name = readName(scanner, token, closing);
    const inner = readField(scanner, name, fields);
    if (!inner) continue;
    if (open.length >= MAX_DEPTH) {
      throw scanner.fault(token, `more than ${MAX_DEPTH} messages within each other`);
    }
    open.push({ outer: fields, closing: inner.closing });
    fields = inner.fields;
  }
}

type Draft = Map<string, FieldValue[]>;

interface OpenMessage {
  readonly outer: Draft;
  readonly closing: string;
}

function readName(scanner: Scanner, token: Token, closing: string | undefined): string {
  if (token.kind === 'name') return token.text;
  const expected = closing === undefined ? 'a field' : `a field or "${closing}"`;
  throw scanner.fault(token, `${expected} should be here`);
}

/** @returns the message that begins here, if it is one */
function readField(
  scanner: Scanner,
  name: string,
  fields: Draft,
): { readonly fields: Draft; readonly closing: string } | undefined {
  const values = fields.get(name) ?? [];
  fields.set(name, values);
  let token = scanner.next();
  const hasColon = token.text === ':' && token.kind === 'sign';
  if (hasColon) token = scanner.next();
  const closing = token.kind === 'sign' ? CLOSING.get(token.text) : undefined;
  if (closing !== undefined) {
    const inner: Draft = new Map();
    values.push(inner);
    return { fields: inner, closing };
  }
  if (!hasColon) throw scanner.fault(token, `":" or "{" should follow ${quoteName(name)}`);
  if (token.kind === 'sign' && token.text === '[') readList(scanner, values);
  else values.push(readValue(scanner, token));
  skipSeparator(scanner);
  return undefined;
}

function readList(scanner: Scanner, values: FieldValue[]): void {
  let token = scanner.next();
  while (!(token.kind === 'sign' && token.text === ']')) {
    if (values.length >= MAX_FIELDS) throw scanner.fault(token, `more than ${MAX_FIELDS} values`);
    values.push(readValue(scanner, token));
    token = scanner.next();
    if (token.kind === 'sign' && token.text === ',') token = scanner.next();
    else if (!(token.kind === 'sign' && token.text === ']')) {
      throw scanner.fault(token, '"," or "]" should be here');
    }
  }
}

const NUMBER_NAMES: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
]);

function readValue(scanner: Scanner, token: Token): FieldValue {
  switch (token.kind) {
    case 'number':
      return token.value;
    case 'text':
      return readTexts(scanner, token.text);
    case 'name':
      if (token.text === 'true' || token.text === 'false') return token.text === 'true';
      return token.text;
    default:
      if (token.kind !== 'sign' || token.text !== '-') {
        throw scanner.fault(token, 'a value should be here');
      }
      return -readMagnitude(scanner);
  }
}

/** The number behind a minus. */
function readMagnitude(scanner: Scanner): number {
  const token = scanner.next();
  const value = token.kind === 'number' ? token.value : NUMBER_NAMES.get(token.text.toLowerCase());
  if (value === undefined) throw scanner.fault(token, 'a number should follow "-"');
  return value;
}

/** Texts one behind the other are one text. */
function readTexts(scanner: Scanner, first: string): string {
  const parts = [first];
  while (scanner.peek().kind === 'text') parts.push(scanner.next().text);
  return parts.join('');
}

function skipSeparator(scanner: Scanner): void {
  const token = scanner.peek();
  if (token.kind === 'sign' && (token.text === ',' || token.text === ';')) scanner.next();
}
