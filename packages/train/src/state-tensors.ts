import { AlexNetError, formatShape, isSameShape, type Tensor } from '@alexnet/core';

/**
 * An array of a state, if it is the network's.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH`
 */
export function checkTensor(
  name: string,
  tensor: Tensor | undefined,
  shape: readonly number[],
): Tensor {
  if (!tensor || !isSameShape(tensor.shape, shape)) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `${name} should be ${formatShape(shape)}, but ${tensor ? `is ${formatShape(tensor.shape)}` : 'is missing'}.`,
      hint: 'Are these the weights of this network?',
      path: [name],
    });
  }
  return tensor;
}

export function copyTensor({ shape, data }: Tensor): Tensor {
  return { shape, data: data.slice() };
}
