/**
 * Scores of one picture as probabilities, in float64.
 *
 *   p[i] = exp(x[i] − max x) / Σⱼ exp(x[j] − max x)
 *
 * Shape: x [classes] → p [classes]
 */
export function softmax(logits: Float32Array): Float64Array {
  const largest = largestOf(logits);
  const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}

/**
 * −log softmax(x)[label], in float64: the loss of one picture.
 *
 * Shape: x [classes] → a number
 */
export function crossEntropy(logits: Float32Array, label: number): number {
  const largest = largestOf(logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return Math.log(sum) + (largest - (logits[label] ?? Number.NaN));
}

function largestOf(logits: Float32Array): number {
  return logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
