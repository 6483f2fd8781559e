import { quoteName } from '../quote-name.ts';
import { MAX_LINE_BYTES } from './limits.ts';

/** Anything that a pickle of weights can hold. Text of Python 2 and bytes are both `Uint8Array`. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleLongText
  | PickleList
  | PickleTuple
  | PickleSet
  | PickleDict
  | PickleGlobal
  | PickleInstance;

/** A text that no name is: kept as it is written, because it is the bytes of an array or nothing of use. */
export class PickleLongText {
  readonly written: Uint8Array;
  readonly form: 'utf-8' | 'raw-unicode-escape';

  constructor(written: Uint8Array, form: 'utf-8' | 'raw-unicode-escape') {
    this.written = written;
    this.form = form;
  }
}

export class PickleList {
  readonly items: PickleValue[] = [];
}

export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

export class PickleSet {
  readonly items: PickleValue[] = [];
}

/** A dict or an OrderedDict. Keys of bytes count as text in Latin-1. */
export class PickleDict {
  readonly entries: Map<PickleValue, PickleValue> = new Map();

  set(key: PickleValue, value: PickleValue): void {
    this.entries.set(textOf(key) ?? key, value);
  }
}

/** A function or class of the list, by its full name. It has no existence beyond this name. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a function of the list makes. */
export abstract class PickleInstance {
  /** For messages: `a numpy array`. */
  abstract readonly description: string;

  /** Takes over a state, as `__setstate__` does; each kind refuses what is none of its own. */
  abstract setState(state: PickleValue, place: string): void;
}

/** @param bytes - few: names and headers */
export function decodeLatin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** A name, be it text of Python 2 or 3; undefined for anything else, and for bytes too long for a name. */
export function textOf(value: PickleValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  const isName = value instanceof Uint8Array && value.length <= MAX_LINE_BYTES;
  return isName ? decodeLatin1(value) : undefined;
}

/** The items of a tuple or list; undefined for anything else. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  return value instanceof PickleTuple || value instanceof PickleList ? value.items : undefined;
}

/** A value as it can stand in a message. */
export function describePickleValue(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'string') return `the text ${quoteName(value)}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof PickleLongText) return `a text of ${value.written.length} bytes`;
  if (value instanceof PickleList) return `a list of ${value.items.length}`;
  if (value instanceof PickleTuple) return `a tuple of ${value.items.length}`;
  if (value instanceof PickleSet) return `a set of ${value.items.length}`;
  if (value instanceof PickleDict) return `a dict of ${value.entries.size}`;
  if (value instanceof PickleGlobal) return quoteName(value.name);
  if (value instanceof PickleInstance) return value.description;
  return `the number ${value}`;
}
