import type { NodeOf } from '@alexnet/core';
import { asMaps } from '../layout.ts';
import type { TfjsOp } from './tfjs-op.ts';
import { padMaps } from './window.ts';

/** The sum over a window is its mean, with zeros for what lies outside the map, times its size. */
export const spatialLrn: TfjsOp<NodeOf<'SpatialLRN'>> = ({ attributes }, [input], { tf }) => {
  const { size, alpha, beta, k } = attributes;
  const x = asMaps(input);
  const before = Math.floor((size - 1) / 2);
  const after = size - 1 - before;
  const squares = padMaps(tf, asMaps(tf.square(x)), [before, before, after, after]);
  const means = tf.avgPool(squares, [size, size], 1, 'valid');
  return tf.mul(x, tf.pow(tf.add(tf.mul(means, alpha * size ** 2), k), -beta));
};
