import type { SgdConfig } from '@alexnet/autodiff';
import { decayed, type TfjsOptimizer } from './operands.ts';

export const sgd: TfjsOptimizer<SgdConfig> = (config, operands) => {
  const { tf, weight, slot, rate } = operands;
  const { momentum, rule = 'caffe', nesterov = false } = config;
  const negativeRate = rate('negative_learning_rate');
  const direction = decayed(operands);
  if (momentum === 0) {
    return { weight: tf.add(weight, tf.mul(direction, negativeRate)), slots: {} };
  }
  const kept = tf.mul(slot('momentum'), momentum);
  if (rule === 'caffe') {
    const velocity = tf.add(kept, tf.mul(direction, negativeRate));
    const change = nesterov ? tf.sub(tf.mul(velocity, 1 + momentum), kept) : velocity;
    return { weight: tf.add(weight, change), slots: { momentum: velocity } };
  }
  const velocity = tf.add(kept, direction);
  const step = nesterov ? tf.add(direction, tf.mul(velocity, momentum)) : velocity;
  return { weight: tf.add(weight, tf.mul(step, negativeRate)), slots: { momentum: velocity } };
};
