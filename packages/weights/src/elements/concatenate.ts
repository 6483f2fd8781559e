import { isSameShape, sizeOf } from '@alexnet/core';
import type { FileTensor } from '../weight-file.ts';

/**
 * Arrays of one shape, one behind the other along an axis; put together when they are asked for.
 *
 * @returns undefined where their shapes differ
 */
export function concatenate(tensors: readonly FileTensor[], axis: number): FileTensor | undefined {
  const [first] = tensors;
  if (!first || !tensors.every(({ shape }) => isSameShape(shape, first.shape))) return undefined;
  const count = tensors.length;
  const length = first.shape[axis] ?? 0;
  const block = length * sizeOf(first.shape.slice(axis + 1));
  return {
    dtype: first.dtype,
    shape: first.shape.with(axis, count * length),
    toFloat32: () => {
      const joined = new Float32Array(count * sizeOf(first.shape));
      for (const [index, tensor] of tensors.entries()) {
        const part = tensor.toFloat32();
        for (let from = 0; from < part.length; from += block) {
          joined.set(part.subarray(from, from + block), count * from + index * block);
        }
      }
      return joined;
    },
  };
}
