/** One class that a picture may show. */
export interface Prediction {
  /** Index of the class in the model's output. */
  readonly index: number;
  readonly label: string;
  /** Between 0 and 1; over all classes they add up to 1. */
  readonly probability: number;
}

/**
 * The k most probable classes, best first; of equals the one with the smaller index.
 *
 * Shape: probabilities [classes] → k predictions, 1 ≤ k ≤ classes
 */
export function selectTopK(
  probabilities: ArrayLike<number>,
  labels: readonly string[],
  k: number,
): Prediction[] {
  const best: { index: number; probability: number }[] = [];
  for (let index = 0; index < probabilities.length; index++) {
    const probability = probabilities[index] ?? 0;
    const last = best.at(-1);
    if (best.length === k && last && probability <= last.probability) continue;
    const rank = best.findIndex((other) => probability > other.probability);
    best.splice(rank < 0 ? best.length : rank, 0, { index, probability });
    if (best.length > k) best.pop();
  }
  return best.map(({ index, probability }) => ({
    index,
    label: labels[index] ?? `class ${index}`,
    probability,
  }));
}
