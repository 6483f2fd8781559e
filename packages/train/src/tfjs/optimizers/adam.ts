import type { AdamConfig } from '@alexnet/autodiff';
import { decayed, type TfjsOptimizer } from './operands.ts';

export const adam: TfjsOptimizer<AdamConfig> = ({ kind, beta1, beta2 }, operands) => {
  const { tf, weight, weightDecay, slot, scalar, rate } = operands;
  const gradient = kind === 'adam' ? decayed(operands) : operands.gradient;
  const m = tf.add(tf.mul(slot('m'), beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(slot('v'), beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const direction = tf.div(m, tf.add(tf.sqrt(v), scalar('epsilon_hat')));
  const step = tf.mul(direction, rate('step_size'));
  const change =
    kind === 'adamw' && weightDecay > 0
      ? tf.add(step, tf.mul(weight, rate('negative_learning_rate') * weightDecay))
      : step;
  return { weight: tf.add(weight, change), slots: { m, v } };
};
