import type { LarsConfig } from '@alexnet/autodiff';
import type { Value } from '../tensorflow.ts';
import { decayed, type TfjsOptimizer, type UpdateOperands } from './operands.ts';

export const lars: TfjsOptimizer<LarsConfig> = ({ momentum, trustCoefficient }, operands) => {
  const { tf, weight, gradient, slot, rate } = operands;
  const isVector = weight.rank === 1;
  const direction = isVector ? gradient : decayed(operands);
  const ratio = isVector ? 1 : trustRatio(operands, trustCoefficient);
  const step = tf.mul(direction, tf.mul(ratio, rate('negative_learning_rate')));
  if (momentum === 0) return { weight: tf.add(weight, step), slots: {} };
  const velocity = tf.add(tf.mul(slot('momentum'), momentum), step);
  return { weight: tf.add(weight, velocity), slots: { momentum: velocity } };
};

/** η · ‖w‖ / (‖g‖ + β·‖w‖), 1 where a norm is 0. */
function trustRatio(
  { tf, weight, gradient, weightDecay }: UpdateOperands,
  trustCoefficient: number,
): Value {
  const norm = (value: Value) => tf.sqrt(tf.sum(tf.square(value)));
  const ofWeight = norm(weight);
  const ofGradient = norm(gradient);
  const divisor = tf.add(ofGradient, tf.mul(ofWeight, weightDecay));
  const isDefined = tf.logicalAnd(tf.greater(ofWeight, 0), tf.greater(ofGradient, 0));
  const ratio = tf.div(tf.mul(ofWeight, trustCoefficient), divisor);
  return tf.where(isDefined, ratio, tf.onesLike(ratio));
}
