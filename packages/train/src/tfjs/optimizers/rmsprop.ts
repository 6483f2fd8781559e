import type { RmspropConfig } from '@alexnet/autodiff';
import { decayed, type TfjsOptimizer } from './operands.ts';

/** PyTorch's, as the other engine's; TensorFlow's own adds ε under the root. */
export const rmsprop: TfjsOptimizer<RmspropConfig> = (config, operands) => {
  const { tf, weight, slot, rate } = operands;
  const { smoothing, epsilon, momentum } = config;
  const gradient = decayed(operands);
  const square = tf.add(
    tf.mul(slot('square'), smoothing),
    tf.mul(tf.square(gradient), 1 - smoothing),
  );
  const scaled = tf.div(gradient, tf.add(tf.sqrt(square), epsilon));
  const moved = (direction: typeof scaled) =>
    tf.add(weight, tf.mul(direction, rate('negative_learning_rate')));
  if (momentum === 0) return { weight: moved(scaled), slots: { square } };
  const velocity = tf.add(tf.mul(slot('momentum'), momentum), scaled);
  return { weight: moved(velocity), slots: { square, momentum: velocity } };
};
