import type { NodeOf } from '@alexnet/core';
import { asMaps } from '../layout.ts';
import type { Maps, TensorFlow, Value } from '../tensorflow.ts';
import type { TfjsOp } from './tfjs-op.ts';
import { coveredPads, padMaps, toPair } from './window.ts';

/**
 * The mean over whole windows, zeros where they see padding, times how much of them counts:
 *
 *   y = mean · kernel / count,  count as `countIncludePad` says, never what `ceilMode` covers beyond the padding
 */
export const averagePool: TfjsOp<NodeOf<'AveragePool'>> = (node, [input], { tf }) => {
  const { name, attributes } = node;
  const x = asMaps(input);
  const pads = coveredPads(name, x, attributes);
  const pool = (maps: Maps) =>
    tf.avgPool(maps, toPair(attributes.kernelShape), toPair(attributes.strides), 'valid');
  const means = pool(padMaps(tf, x, pads));
  if (pads.every((pad) => pad === 0)) return means;
  const counted = countedPixels(tf, x, { node, pads });
  return tf.div(means, pool(asMaps(counted)));
};

/** [1, H + top + bottom, W + left + right, 1]: 1 for what counts, 0 for what does not. */
function countedPixels(
  tf: TensorFlow,
  { shape: [, H, W] }: Maps,
  {
    node: { attributes },
    pads: [top, left, below, beside],
  }: {
    readonly node: NodeOf<'AveragePool'>;
    readonly pads: readonly [number, number, number, number];
  },
): Value {
  if (!attributes.countIncludePad) {
    return padMaps(tf, tf.ones([1, H, W, 1]), [top, left, below, beside]);
  }
  const [, , bottom, right] = attributes.pads;
  const padded = tf.ones([1, H + top + bottom, W + left + right, 1]);
  return padMaps(tf, asMaps(padded), [0, 0, below - bottom, beside - right]);
}
