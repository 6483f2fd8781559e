import { InvalidArgumentError } from 'commander';

type Parser<Value> = (text: string) => Value;

/** A whole number from `minimum` on. */
export function integer(minimum: number): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`It should be a whole number of at least ${minimum}.`);
    }
    return value;
  };
}

/** A number in an interval; `openAbove` leaves the upper end out. */
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

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('It should be a number above 0.');
  }
  return value;
}
