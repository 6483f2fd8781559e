import type { NodeOf } from '@alexnet/core';
import { asMaps, toKernels } from '../layout.ts';
import type { Maps } from '../tensorflow.ts';
import type { TfjsOp } from './tfjs-op.ts';
import { padMaps, toPair } from './window.ts';

/** Groups are convolutions of their own: TensorFlow has gradients for them on graphics cards alone. */
export const conv: TfjsOp<NodeOf<'Conv'>> = ({ attributes }, [x, weight, bias], { tf }) => {
  const { group, pads } = attributes;
  const strides = toPair(attributes.strides);
  const kernels = toKernels(tf, weight);
  const isSame = hasSamePadding(attributes);
  const maps = isSame ? asMaps(x) : padMaps(tf, asMaps(x), pads);
  const padding = isSame ? 'same' : 'valid';
  if (group === 1) return tf.add(tf.conv2d(maps, kernels, strides, padding), bias);
  const kernelsOf = tf.split<Maps>(kernels, group, 3);
  const parts = tf.split<Maps>(maps, group, 3).flatMap((part, index) => {
    const own = kernelsOf[index];
    return own ? [tf.conv2d(part, own, strides, padding)] : [];
  });
  return tf.add(tf.concat(parts, 3), bias);
};

/** Whether the pads are those of TensorFlow's "SAME", which need no copy of the maps. */
function hasSamePadding({ kernelShape, strides, pads }: NodeOf<'Conv'>['attributes']): boolean {
  const isSame = (axis: 0 | 1) => {
    const total = kernelShape[axis] - 1;
    const before = Math.floor(total / 2);
    return strides[axis] === 1 && pads[axis] === before && pads[axis + 2] === total - before;
  };
  return isSame(0) && isSame(1);
}
