import { AlexNetError, type ErrorCode } from './errors.ts';

/**
 * Reads fields of untrusted JSON, one kind each, with errors that name the place.
 *
 * `fail` decides the error's code: the same value is `INVALID_GRAPH` in a network file and
 * `INVALID_MODEL` in a model's metadata.
 */
export interface JsonReader {
  readonly path: readonly string[];
  /** The reader of a field; missing fields are `undefined` values. */
  field(name: string): JsonReader;
  has(name: string): boolean;
  items(): readonly JsonReader[];
  entries(): readonly (readonly [string, JsonReader])[];
  /** The value itself, unchecked. */
  value(): unknown;
  string(): string;
  boolean(): boolean;
  stringOrNull(): string | null;
  number(): number;
  integer(minimum?: number): number;
  oneOf<const Values extends readonly string[]>(values: Values): Values[number];
  /** A list of numbers; of this length, if one is given. */
  numbers(length?: number): readonly number[];
  integers(length: number, minimum?: number): readonly number[];
  /** @param expected - what the value should be: `a number above 0` */
  fail(expected: string): never;
}

export interface JsonReaderOptions {
  readonly code: ErrorCode;
  /** What messages call the value. */
  readonly what: string;
  /** What to do if it is not as it should be. */
  readonly hint?: string;
}

export function readJson(value: unknown, options: JsonReaderOptions): JsonReader {
  return createReader(value, [], options);
}

function createReader(
  value: unknown,
  path: readonly string[],
  options: JsonReaderOptions,
): JsonReader {
  const { code, what, hint = 'Compare it with a file that this version writes.' } = options;
  const fail = (expected: string): never => {
    throw new AlexNetError(code, {
      message: `${what}: ${path.length > 0 ? path.join('.') : 'the value'} should be ${expected}, but is ${describe(value)}.`,
      hint,
      path,
    });
  };
  const isRecord = (x: unknown): x is Record<string, unknown> =>
    typeof x === 'object' && x !== null && !Array.isArray(x);
  const itemsOf = (length: number | undefined) => {
    const items = reader.items();
    return length === undefined || items.length === length ? items : fail(`a list of ${length}`);
  };
  const reader: JsonReader = {
    path,
    fail,
    field: (name) => {
      const fields = isRecord(value) ? value : fail('an object');
      const found = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return createReader(found, [...path, name], options);
    },
    has: (name) => isRecord(value) && Object.hasOwn(value, name) && value[name] !== undefined,
    items: () =>
      (Array.isArray(value) ? value : fail('a list')).map((item, index) =>
        createReader(item, [...path, String(index)], options),
      ),
    entries: () =>
      Object.entries(isRecord(value) ? value : fail('an object')).map(
        ([name, item]) => [name, createReader(item, [...path, name], options)] as const,
      ),
    value: () => value,
    boolean: () => (typeof value === 'boolean' ? value : fail('true or false')),
    string: () => (typeof value === 'string' ? value : fail('a text')),
    stringOrNull: () =>
      value === null || typeof value === 'string' ? value : fail('a text or null'),
    number: () => (typeof value === 'number' && Number.isFinite(value) ? value : fail('a number')),
    integer: (minimum = 0) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum
        ? value
        : fail(`a whole number of at least ${minimum}`),
    oneOf: (values) => {
      const found = values.find((legal) => legal === value);
      return found ?? fail(`one of ${values.map((legal) => `"${legal}"`).join(', ')}`);
    },
    numbers: (length) => itemsOf(length).map((item) => item.number()),
    integers: (length, minimum = 0) => itemsOf(length).map((item) => item.integer(minimum)),
  };
  return reader;
}

/** Never looks into lists and objects: untrusted ones may be nested deeper than the stack. */
function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = String(value);
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return typeof value === 'string' ? `"${short}"` : short;
}
