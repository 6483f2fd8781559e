import { inferOverhang, type PoolAttributes, type WindowAttributes } from '@alexnet/core';
import { asMaps } from '../layout.ts';
import type { Maps, TensorFlow } from '../tensorflow.ts';

/** [top, left, bottom, right] */
type Pads = WindowAttributes['pads'];

/** Maps with a border of `value`: TensorFlow's own padding is zero and as wide on both sides, or one more behind. */
export function padMaps(
  tf: TensorFlow,
  x: Maps,
  [top, left, bottom, right]: Pads,
  value = 0,
): Maps {
  if (top + left + bottom + right === 0) return x;
  const border: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return asMaps(tf.pad(x, border, value));
}

/** The pads of a pool, with what its last windows cover beyond them. */
export function coveredPads(name: string, x: Maps, attributes: PoolAttributes): Pads {
  const [, H, W] = x.shape;
  const [top, left, bottom, right] = attributes.pads;
  const [below, beside] = inferOverhang(name, [H, W], attributes);
  return [top, left, bottom + below, right + beside];
}

/** [height, width] as tfjs wants them. */
export function toPair([height, width]: readonly [number, number]): [number, number] {
  return [height, width];
}
