import { sizeOf } from '@alexnet/core';
import type { FileTensor, LayoutConvention } from '../weight-file.ts';

/**
 * Turns the kernels of convolutions round, rows and columns alike: what Theano computes is a convolution in the word's
 * first sense, what all others compute is a cross-correlation.
 *
 * @see keras 2.3, keras/utils/conv_utils.py, `convert_kernel`
 */
export function flipKernels(
  tensors: ReadonlyMap<string, FileTensor>,
  { conv }: Pick<LayoutConvention, 'conv'>,
): ReadonlyMap<string, FileTensor> {
  const entries = [...tensors].map(([name, tensor]): readonly [string, FileTensor] => {
    const { dtype, shape } = tensor;
    if (shape.length !== 4) return [name, tensor];
    return [name, { dtype, shape, toFloat32: () => flip(tensor, conv) }];
  });
  return new Map(entries);
}

/** [outer, H · W, inner], the middle backwards. */
function flip({ shape, toFloat32 }: FileTensor, conv: LayoutConvention['conv']): Float32Array {
  const isHWIO = conv === 'HWIO';
  const pixels = sizeOf(isHWIO ? shape.slice(0, 2) : shape.slice(2));
  const inner = isHWIO ? sizeOf(shape.slice(2)) : 1;
  const source = toFloat32();
  const turned = new Float32Array(source.length);
  for (let outer = 0; outer < source.length; outer += pixels * inner) {
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const from = outer + pixel * inner;
      const to = outer + (pixels - 1 - pixel) * inner;
      turned.set(source.subarray(from, from + inner), to);
    }
  }
  return turned;
}
