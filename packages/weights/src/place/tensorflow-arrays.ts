import {
  AlexNetError,
  createTensor,
  type Shape,
  sizeOf,
  type Tensor,
  type Weights,
} from '@alexnet/core';
import { readingFrom } from '../elements/read-floats.ts';
import { transposeInto } from '../elements/transpose.ts';
import type { ExpectedLayer } from './expected-layers.ts';
import type { ParameterRole } from './parameter-name.ts';

/** What Keras calls the arrays of a layer. */
export const KERAS_ROLES: Readonly<Record<ParameterRole, string>> = {
  weight: 'kernel',
  bias: 'bias',
  scale: 'gamma',
  shift: 'beta',
  mean: 'moving_mean',
  variance: 'moving_variance',
};

/**
 * An array of a layer in TensorFlow's layout: HWIO, [in, out], the first dense layer's inputs in the order HWC.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` for one that is not there
 */
export function toTensorFlow(
  { name: layer, parameters, node, flattened }: ExpectedLayer,
  role: ParameterRole,
  weights: Weights,
): Tensor {
  const parameter = parameters.get(role);
  if (!parameter) throw missing(`${layer}.${role}`);
  const tensor = weightOf(weights, parameter.name);
  if (role !== 'weight') return tensor;
  const [O = 0, I = 0, H = 1, W = 1] = tensor.shape;
  if (node.op === 'Conv') return transpose(tensor, [O, I, H * W], [H, W, I, O]);
  const pixels = flattened?.pixels ?? 1;
  // Of one pixel the same, read by whole rows.
  const lengths = pixels === 1 ? ([1, O, I] as const) : ([O, I / pixels, pixels] as const);
  return transpose(tensor, lengths, [I, O]);
}

function transpose(
  { data }: Tensor,
  lengths: readonly [number, number, number],
  shape: Shape,
): Tensor {
  const moved = createTensor(shape);
  transposeInto(readingFrom(data), moved.data, lengths);
  return moved;
}

/** @throws {@link AlexNetError} `INVALID_MODEL` */
export function weightOf(weights: Weights, name: string): Tensor {
  const tensor = weights.get(name);
  if (!tensor || tensor.data.length !== sizeOf(tensor.shape)) throw missing(name);
  return tensor;
}

function missing(name: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `${name} is missing in the model, or has another size than its shape says.`,
    hint: 'Is this a whole model?',
    path: [name],
  });
}
