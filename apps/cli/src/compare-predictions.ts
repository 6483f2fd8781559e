/** How far the scores of one runtime are from those of another. */
export interface Comparison {
  readonly maxAbsoluteError: number;
  /** The largest error, as a share of the largest score of the reference. */
  readonly maxRelativeError: number;
  /** Share of the pictures whose best class is the same, 0 to 1. */
  readonly top1Agreement: number;
}

/**
 * @param reference - [N, classes]
 * @param values - [N, classes]
 */
export function comparePredictions(
  reference: ArrayLike<number>,
  values: ArrayLike<number>,
  classes: number,
): Comparison {
  let maxAbsoluteError = 0;
  let largest = 0;
  let agreeing = 0;
  const pictures = reference.length / classes;
  for (let row = 0; row < pictures; row++) {
    let best = 0;
    let bestOther = 0;
    for (let c = 0; c < classes; c++) {
      const at = row * classes;
      const expected = reference[at + c] ?? Number.NaN;
      const found = values[at + c] ?? Number.NaN;
      const error = Math.abs(expected - found);
      // Not a number is never near enough.
      maxAbsoluteError = Number.isNaN(error)
        ? Number.POSITIVE_INFINITY
        : Math.max(maxAbsoluteError, error);
      largest = Math.max(largest, Math.abs(expected));
      if (expected > (reference[at + best] ?? 0)) best = c;
      if (found > (values[at + bestOther] ?? 0)) bestOther = c;
    }
    if (best === bestOther) agreeing += 1;
  }
  return {
    maxAbsoluteError,
    maxRelativeError: largest === 0 ? maxAbsoluteError : maxAbsoluteError / largest,
    top1Agreement: agreeing / pictures,
  };
}
