import type { GradientClip } from '@alexnet/autodiff';
import type { TensorFlow, Value } from './tensorflow.ts';

/** PyTorch adds it to the norm that it divides by. */
const NORM_EPSILON = 1e-6;

/**
 * Limits gradients, as autodiff's `clipGradients`, where the formulas stand.
 *
 * @returns one for each, in their order
 */
export function clipGradients(
  tf: TensorFlow,
  gradients: readonly Value[],
  { by, limit }: GradientClip,
): readonly Value[] {
  if (by === 'value') {
    return gradients.map((gradient) => tf.clipByValue(gradient, -limit, limit));
  }
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  const factor = tf.minimum(tf.div(limit, tf.add(norm, NORM_EPSILON)), 1);
  return gradients.map((gradient) => tf.mul(gradient, factor));
}
