import type { WindowOptions } from '../graph/graph-builder.ts';

/**
 * TensorFlow's SAME padding, written out: ceil(side / stride) windows, what they lack is shared among both
 * ends, an odd pixel goes to the bottom and to the right.
 *
 * @param side - height and width of what the window slides over
 * @see tf.nn, "Notes on padding"
 */
export function same(side: number, kernel: number, stride: number): WindowOptions {
  const windows = Math.ceil(side / stride);
  const missing = Math.max(0, (windows - 1) * stride + kernel - side);
  const begin = Math.floor(missing / 2);
  const end = missing - begin;
  return { kernel, stride, pads: [begin, begin, end, end] };
}
