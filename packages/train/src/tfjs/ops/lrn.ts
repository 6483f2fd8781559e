import type { NodeOf } from '@alexnet/core';
import { asMaps } from '../layout.ts';
import type { Maps, TensorFlow } from '../tensorflow.ts';
import type { TfjsOp } from './tfjs-op.ts';

type Attributes = NodeOf<'LRN'>['attributes'];

/** TensorFlow's alpha is per element, as the IR's. */
export const lrn: TfjsOp<NodeOf<'LRN'>> = ({ attributes }, [x], { tf }) => {
  const { groups, size } = attributes;
  const normalize = size % 2 === 1 ? byOperator : bySums;
  if (groups === 1) return normalize(tf, asMaps(x), attributes);
  const parts = tf.split<Maps>(asMaps(x), groups, 3);
  return tf.concat(
    parts.map((part) => normalize(tf, part, attributes)),
    3,
  );
};

/** A window of 2 · radius + 1 channels. */
function byOperator(tf: TensorFlow, x: Maps, { size, k, alpha, beta }: Attributes): Maps {
  return tf.localResponseNormalization(x, (size - 1) / 2, k, alpha, beta);
}

/** An even window, which TensorFlow's operator does not have: the sum of as many shifted copies. */
function bySums(tf: TensorFlow, x: Maps, { size, k, alpha, beta }: Attributes): Maps {
  const [, , , C] = x.shape;
  const below = Math.floor((size - 1) / 2);
  const squares = tf.pad(tf.square(x), [
    [0, 0],
    [0, 0],
    [0, 0],
    [below, size - 1 - below],
  ]);
  const shifted = Array.from({ length: size }, (_, first) =>
    tf.slice(squares, [0, 0, 0, first], [-1, -1, -1, C]),
  );
  return tf.mul(x, tf.pow(tf.add(tf.mul(tf.addN(shifted), alpha), k), -beta));
}
