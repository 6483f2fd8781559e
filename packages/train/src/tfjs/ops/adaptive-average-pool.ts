import { adaptiveWindow, type NodeOf } from '@alexnet/core';
import { asMaps } from '../layout.ts';
import type { Rows, TensorFlow, Value } from '../tensorflow.ts';
import type { TfjsOp } from './tfjs-op.ts';

/** Means along one axis and then along the other, each a matrix product. */
export const adaptiveAveragePool: TfjsOp<NodeOf<'AdaptiveAveragePool'>> = (
  { attributes: { outputSize } },
  [x],
  { tf },
) => {
  const [, H, W] = asMaps(x).shape;
  const [height, width] = outputSize;
  if (height === H && width === W) return x;
  const rows = averageAxis(tf, asMaps(x), { axis: 1, length: H, count: height });
  return averageAxis(tf, rows, { axis: 2, length: W, count: width });
};

interface Averaged {
  readonly axis: 1 | 2;
  /** Pixels of the axis. */
  readonly length: number;
  /** Windows over them. */
  readonly count: number;
}

/** The axis comes to the end, is multiplied there, and goes back. */
function averageAxis(tf: TensorFlow, x: Value, { axis, length, count }: Averaged): Value {
  const order = axis === 1 ? [0, 3, 2, 1] : [0, 3, 1, 2];
  const back = axis === 1 ? [0, 3, 2, 1] : [0, 2, 3, 1];
  const moved = tf.transpose(x, order);
  const flat: Rows = tf.reshape(moved, [-1, length]);
  const means = tf.matMul(flat, tf.tensor2d(windowShares(length, count), [length, count]));
  return tf.transpose(tf.reshape(means, [...moved.shape.slice(0, 3), count]), back);
}

/** [length, count]: what each pixel has of each window's mean. */
function windowShares(length: number, count: number): Float32Array {
  const shares = new Float32Array(length * count);
  for (let index = 0; index < count; index++) {
    const [begin, end] = adaptiveWindow(index, count, length);
    for (let at = begin; at < end; at++) shares[at * count + index] = 1 / (end - begin);
  }
  return shares;
}
