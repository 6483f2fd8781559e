import { expect } from 'vitest';

export interface ClosenessOptions {
  /** What is compared, for the message. */
  readonly name: string;
  /** Largest |difference| allowed, absolute. */
  readonly tolerance: number;
}

/** Fails with the largest difference, where it is, both values, and how many are beyond the tolerance. */
export function expectAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { name, tolerance }: ClosenessOptions,
): void {
  expect(actual.length, `length of ${name}`).toBe(expected.length);
  const differences = Array.from(actual, (value, i) => Math.abs(value - (expected[i] ?? 0)));
  // A NaN is no less than anything: it counts as an offender.
  const offenders = differences.filter((difference) => !(difference <= tolerance)).length;
  if (offenders === 0) return;
  const worst = differences.findIndex(Number.isNaN);
  const index = worst >= 0 ? worst : differences.indexOf(Math.max(...differences));
  expect.fail(
    `${name}: ${offenders} of ${actual.length} differ by more than ${tolerance.toExponential(1)}; ` +
      `most at [${index}], by ${differences[index]?.toExponential(2)}: ` +
      `${actual[index]}, expected ${expected[index]}`,
  );
}

/** Largest magnitude, 0 of nothing. */
export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}
