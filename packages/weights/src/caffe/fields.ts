import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';

/** A message of Caffe's, of a text or a binary file alike: values by field name, in the file's order. */
export type Fields = ReadonlyMap<string, readonly FieldValue[]>;

/** Names of an enum's values are texts. */
export type FieldValue = number | string | boolean | Fields;

/** Reads fields, one kind each; errors name the place. A field that comes twice where one belongs: the last counts. */
export interface FieldReader {
  readonly place: string;
  has(name: string): boolean;
  /** @throws `INVALID_MODEL` unless it is a number, or absent */
  number(name: string, fallback: number): number;
  /** A whole number of at least `minimum`. */
  integer(name: string, fallback: number, minimum: number): number;
  integers(name: string, minimum: number): readonly number[];
  numbers(name: string): readonly number[];
  text(name: string): string;
  texts(name: string): readonly string[];
  boolean(name: string, fallback: boolean): boolean;
  /** One of these names, or its place among them. */
  oneOf<const Names extends readonly string[]>(name: string, names: Names): Names[number];
  /** The fields of a message; none if it is absent. */
  message(name: string): FieldReader;
  messages(name: string): readonly FieldReader[];
}

/** @param place - for errors: `conv1`, `conv1.convolution_param` */
export function readFields(fields: Fields, place: string): FieldReader {
  const valuesOf = (name: string): readonly FieldValue[] => fields.get(name) ?? [];
  const fail = (name: string, expected: string, value: FieldValue): never => {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${place}: "${name}" should be ${expected}, but is ${describe(value)}.`,
      hint: 'Compare it with the prototxt that the network was trained with.',
      path: [name, place],
    });
  };
  const toNumber = (name: string, value: FieldValue): number =>
    typeof value === 'number' && Number.isFinite(value) ? value : fail(name, 'a number', value);
  const toInteger = (name: string, value: FieldValue, minimum: number): number =>
    Number.isSafeInteger(value) && typeof value === 'number' && value >= minimum
      ? value
      : fail(name, `a whole number of at least ${minimum}`, value);
  const toText = (name: string, value: FieldValue): string =>
    typeof value === 'string' ? value : fail(name, 'a text', value);
  const toMessage = (name: string, value: FieldValue): FieldReader =>
    typeof value === 'object'
      ? readFields(value, `${place}.${name}`)
      : fail(name, 'a message', value);
  return {
    place,
    has: (name) => fields.has(name),
    number: (name, fallback) => toNumber(name, valuesOf(name).at(-1) ?? fallback),
    integer: (name, fallback, minimum) =>
      toInteger(name, valuesOf(name).at(-1) ?? fallback, minimum),
    integers: (name, minimum) => valuesOf(name).map((value) => toInteger(name, value, minimum)),
    numbers: (name) => valuesOf(name).map((value) => toNumber(name, value)),
    text: (name) => toText(name, valuesOf(name).at(-1) ?? ''),
    texts: (name) => valuesOf(name).map((value) => toText(name, value)),
    boolean: (name, fallback) => {
      const value = valuesOf(name).at(-1) ?? fallback;
      if (value === 0 || value === 1) return value === 1;
      return typeof value === 'boolean' ? value : fail(name, 'true or false', value);
    },
    oneOf: (name, names) => {
      const value = valuesOf(name).at(-1) ?? 0;
      const found = names.find((known, index) => value === known || value === index);
      return found ?? fail(name, `one of ${names.join(', ')}`, value);
    },
    message: (name) => {
      const value = valuesOf(name).at(-1);
      return value === undefined
        ? readFields(new Map(), `${place}.${name}`)
        : toMessage(name, value);
    },
    messages: (name) => valuesOf(name).map((value) => toMessage(name, value)),
  };
}

function describe(value: FieldValue): string {
  if (typeof value === 'object') return 'a message';
  return typeof value === 'string' ? quoteName(value) : String(value);
}
