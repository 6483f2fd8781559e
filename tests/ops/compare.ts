import { expect } from 'vitest';
import type { GoldenSummary } from '../golden/golden-files.ts';
import { samplePositions } from '../golden/hashed-values.ts';

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
  const index = worst >= 0 ? worst : differences.indexOf(largest(differences));
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

interface SummaryOptions {
  /** What is compared, for the message. */
  readonly name: string;
  /** Where the golden file took its samples. */
  readonly seed: number;
  /** Largest |difference| allowed, as a share of the largest magnitude; of a sum, as a share of Σ |x|. */
  readonly tolerance: number;
}

/** Fails where an array's samples, or its norms and sum, are not those of a golden file. */
export function expectSummary(
  actual: Float32Array | Float64Array,
  expected: GoldenSummary,
  { name, seed, tolerance }: SummaryOptions,
): void {
  expect(actual.length, `size of ${name}`).toBe(
    expected.shape.reduce((size, length) => size * length, 1),
  );
  const { max, l1, l2, sum } = expected;
  const positions = samplePositions(seed, actual.length, expected.samples.length);
  const samples = positions.map((position) => actual[position] ?? Number.NaN);
  expectAllClose(samples, expected.samples, { name, tolerance: tolerance * max });
  const figures = { max: 0, l1: 0, squares: 0, sum: 0 };
  for (const value of actual) {
    figures.max = Math.max(figures.max, Math.abs(value));
    figures.l1 += Math.abs(value);
    figures.squares += value * value;
    figures.sum += value;
  }
  const norm = Math.sqrt(figures.squares);
  expectAllClose([figures.max], [max], { name: `max |${name}|`, tolerance: tolerance * max });
  expectAllClose([figures.l1], [l1], { name: `Σ |${name}|`, tolerance: tolerance * l1 });
  expectAllClose([norm], [l2], { name: `‖${name}‖`, tolerance: tolerance * l2 });
  expectAllClose([figures.sum], [sum], { name: `Σ ${name}`, tolerance: tolerance * l1 });
}

/** Fails where two arrays differ by more than a share of the largest magnitude expected. */
export function expectRelativelyClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  name: string,
  tolerance: number,
): void {
  expectAllClose(actual, expected, { name, tolerance: tolerance * largest(expected) });
}
