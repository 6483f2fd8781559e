import type { Measurement, Tap } from './runtime.ts';

/** How far the values of one runtime are from the reference's. */
export interface TapError {
  readonly name: string;
  readonly maxAbsoluteError: number;
  /** The largest error, as a share of the largest magnitude in the reference. */
  readonly maxRelativeError: number;
}

/** A tap that a runtime does not give is left out; that its output is there is for the runtime to see to. */
export function compareTaps(
  taps: readonly Tap[],
  reference: Measurement['outputs'],
  found: Measurement['outputs'],
): readonly TapError[] {
  return taps.flatMap(({ name }) => {
    const [expected, values] = [reference.get(name), found.get(name)];
    return expected && values ? [{ name, ...compareValues(expected, values) }] : [];
  });
}

function compareValues(
  expected: ArrayLike<number>,
  found: ArrayLike<number>,
): Omit<TapError, 'name'> {
  let error = found.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] ?? Number.NaN;
    const difference = Math.abs(value - (found[i] ?? Number.NaN));
    // Not a number is never near enough.
    error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(error, difference);
    largest = Math.max(largest, Math.abs(value));
  }
  return { maxAbsoluteError: error, maxRelativeError: largest === 0 ? error : error / largest };
}

/**
 * Share of the pictures whose best class is the same, 0 to 1.
 *
 * Shape: [N, classes] both
 */
export function compareTop1(
  expected: ArrayLike<number>,
  found: ArrayLike<number>,
  classes: number,
): number {
  const pictures = expected.length / classes;
  let agreeing = 0;
  for (let row = 0; row < pictures; row++) {
    if (findBest(expected, row, classes) === findBest(found, row, classes)) agreeing += 1;
  }
  return agreeing / pictures;
}

function findBest(values: ArrayLike<number>, row: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) {
    const at = row * classes;
    if ((values[at + c] ?? Number.NaN) > (values[at + best] ?? Number.NaN)) best = c;
  }
  return best;
}
