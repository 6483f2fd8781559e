import { invariant, isSameShape, type Shape, type Tensor } from '@alexnet/core';
import type { Maps, Rows, TensorFlow, Value } from './tensorflow.ts';

// The border between the IR, whose maps are [N, C, H, W] and whose kernels are [O, I, kH, kW], and TensorFlow,
// whose maps are [N, H, W, C] and whose kernels are [kH, kW, I, O]. Nothing else here knows of the former.

/** An array of the IR as TensorFlow computes with it: maps change their layout, all else stays. */
export function toValue(tf: TensorFlow, { shape, data }: Tensor): Value {
  const value = tf.tensor(data, [...shape], 'float32');
  return shape.length === 4 ? tf.transpose(value, [0, 2, 3, 1]) : value;
}

/** Maps as the IR has them; all else stays. */
export function fromValue(tf: TensorFlow, value: Value): Value {
  return value.rank === 4 ? tf.transpose(value, [0, 3, 1, 2]) : value;
}

/** [O, I, kH, kW] → [kH, kW, I, O] */
export function toKernels(tf: TensorFlow, weight: Value): Maps {
  return asMaps(tf.transpose(weight, [2, 3, 1, 0]));
}

/** [N, H, W, C] → [N, C·H·W], in the IR's order. */
export function flattenMaps(tf: TensorFlow, value: Value): Value {
  return tf.reshape(fromValue(tf, value), [value.shape[0] ?? 1, -1]);
}

/** A copy of TensorFlow's numbers, of an array whose layout is the IR's. */
export function readTensor(value: Value, shape: Shape): Tensor {
  invariant(isSameShape(value.shape, shape), `an array is [${value.shape}], not [${shape}]`);
  return { shape, data: readFloats(value) };
}

/** A copy: of what has not been computed with yet, TensorFlow gives the array that it was made of. */
export function readFloats(value: Value): Float32Array {
  return Float32Array.from(value.dataSync());
}

export function asMaps(value: Value): Maps {
  invariant(isMaps(value), `maps are of rank 4, not ${value.rank}`);
  return value;
}

export function asRows(value: Value): Rows {
  invariant(isRows(value), `rows are of rank 2, not ${value.rank}`);
  return value;
}

function isMaps(value: Value): value is Maps {
  return value.rank === 4;
}

function isRows(value: Value): value is Rows {
  return value.rank === 2;
}
