import type { NodeOf } from '@alexnet/core';
import type { TfjsOp } from './tfjs-op.ts';

/** The masks are ours: TensorFlow's own random numbers would drop other values than the other engine does. */
export const dropout: TfjsOp<NodeOf<'Dropout'>> = (_node, [x], { tf, mask }) =>
  mask ? tf.mul(x, mask) : x;
