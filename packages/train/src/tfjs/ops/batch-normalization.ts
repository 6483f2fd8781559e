import type { NodeOf } from '@alexnet/core';
import type { BatchStatistics } from '../batch-statistics.ts';
import type { TensorFlow, Value } from '../tensorflow.ts';
import type { TfjsOp } from './tfjs-op.ts';

type BatchNormalization = NodeOf<'BatchNormalization'>;

/** By the batch's mean and variance where the layer learns, else by the running ones. */
export const batchNormalization: TfjsOp<BatchNormalization> = (node, operands, context) => {
  const { tf, statisticsOf } = context;
  const statistics = statisticsOf(node);
  if (statistics) return byBatch(tf, node, { operands, statistics });
  const [x, scale, bias, mean, variance] = operands;
  const slope = tf.div(scale, tf.sqrt(tf.add(variance, node.attributes.epsilon)));
  return tf.add(tf.mul(tf.sub(x, mean), slope), bias);
};

/**
 * With p 1 for a picture and 0 for padding, M the number of the pictures' values:
 *
 *   μ = Σ p·x / M,   σ² = Σ p·(x − μ)² / M,   y = p·scale·(x − μ) / √(σ² + ε) + bias
 *
 * The variance is taken of the centred values: Σ x² − μ² has no digits left where a channel's mean is large.
 *
 * @see Ioffe & Szegedy 2015, algorithm 1
 */
function byBatch(
  tf: TensorFlow,
  { inputs, attributes: { epsilon, momentum } }: BatchNormalization,
  {
    operands: [x, scale, bias],
    statistics,
  }: {
    readonly operands: readonly [Value, Value, Value, Value, Value];
    readonly statistics: BatchStatistics;
  },
): Value {
  const N = x.shape[0] ?? 1;
  const perPicture = (values: Value) => tf.reshape(values, [N, ...x.shape.slice(1).map(() => 1)]);
  const inner = x.shape.slice(1, -1).map((_length, index) => index + 1);
  const shares = tf.reshape(statistics.shares, [N, 1]);
  /** [N, …, C] → [C] */
  const meanOfPictures = (values: Value) => {
    const ofEach = inner.length > 0 ? tf.mean(values, inner) : values;
    return tf.sum(tf.mul(ofEach, shares), 0);
  };
  const mean = meanOfPictures(x);
  const centred = tf.sub(x, mean);
  const variance = meanOfPictures(tf.square(centred));
  statistics.update(inputs[3], mean, momentum);
  statistics.update(inputs[4], variance, momentum);
  const slope = tf.div(scale, tf.sqrt(tf.add(variance, epsilon)));
  const normalized = tf.mul(tf.mul(centred, slope), perPicture(statistics.presence));
  return tf.add(normalized, bias);
}
