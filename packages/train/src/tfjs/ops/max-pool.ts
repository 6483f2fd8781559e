import type { NodeOf } from '@alexnet/core';
import { asMaps } from '../layout.ts';
import type { TfjsOp } from './tfjs-op.ts';
import { coveredPads, padMaps, toPair } from './window.ts';

export const maxPool: TfjsOp<NodeOf<'MaxPool'>> = ({ name, attributes }, [x], { tf }) => {
  const { kernelShape, strides } = attributes;
  const pads = coveredPads(name, asMaps(x), attributes);
  // Padding never wins the maximum.
  const padded = padMaps(tf, asMaps(x), pads, Number.NEGATIVE_INFINITY);
  return tf.maxPool(padded, toPair(kernelShape), toPair(strides), 'valid');
};
