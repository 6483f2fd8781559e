import type { Rows, TensorFlow, Value } from './tensorflow.ts';

/**
 * Softmax cross-entropy with soft targets: −Σₙ Σⱼ target[n,j] · log softmax(logits[n])[j] / normalizer
 *
 * @param logits - [N, classes]
 * @param targets - [N, classes]; a row of zeros takes part in nothing
 * @returns a scalar
 */
export function crossEntropy(
  tf: TensorFlow,
  logits: Value,
  { targets, normalizer }: { readonly targets: Rows; readonly normalizer: number },
): Value {
  const total = tf.sum(tf.mul(targets, tf.logSoftmax(logits, 1)));
  // 0 − total: a loss of 0 must not come out as −0.
  return tf.div(tf.sub(0, total), normalizer);
}
