import { InvalidArgumentError } from 'commander';

type Parser<Value> = (text: string) => Value;

/** A whole number from `minimum` on. */
export function integer(minimum: number): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new InvalidArgumentError(`It should be at most ${Number.MAX_SAFE_INTEGER}.`);
    }
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`It should be a whole number of at least ${minimum}.`);
    }
    return value;
  };
}

/** A number in an interval, with both ends. */
export function number(
  minimum: number,
  maximum: number = Number.POSITIVE_INFINITY,
): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= minimum && value <= maximum)) {
      const range =
        maximum === Number.POSITIVE_INFINITY
          ? `of at least ${minimum}`
          : `from ${minimum} to ${maximum}`;
      throw new InvalidArgumentError(`It should be a number ${range}.`);
    }
    return value;
  };
}

/** A number from 0 on, below 1. */
export function belowOne(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1)) {
    throw new InvalidArgumentError('It should be a number of at least 0, below 1.');
  }
  return value;
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('It should be a number above 0.');
  }
  return value;
}

const BYTES_IN: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** A size of a file: `20MiB`, `25 MB`, `1048576`. */
export function byteSize(text: string): number {
  const [, amount = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const bytes = Math.floor(
    Number(amount || Number.NaN) * (BYTES_IN[unit.toLowerCase()] ?? Number.NaN),
  );
  if (!(Number.isSafeInteger(bytes) && bytes > 0)) {
    throw new InvalidArgumentError('It should be a size: 20MiB, 25MB, or a number of bytes.');
  }
  return bytes;
}
