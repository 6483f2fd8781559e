import { formatShape, type Shape, sizeOf } from '@alexnet/core';
import { damagedFile } from '../file-error.ts';
import type { FileTensor } from '../weight-file.ts';
import { decodeFloats, decodeFloatsInto } from './decode-floats.ts';
import { type ByteOrder, ELEMENT_BYTES, type ElementType, toWeightType } from './element-type.ts';
import { gather, rowMajorStrides } from './gather.ts';

/** Most axes of an array: NumPy's limit before its version 2. */
export const MAX_RANK = 32;

/** An array as it lies in a file. */
export interface StoredArray {
  readonly type: ElementType;
  readonly shape: Shape;
  /** Of the array, or of what it is a part of. */
  readonly bytes: Uint8Array;
  /** Little unless said otherwise. */
  readonly byteOrder?: ByteOrder;
  /** Elements from one index to the next, by axis; row by row unless said otherwise. */
  readonly strides?: readonly number[];
  /** Elements of `bytes` before the first one. */
  readonly offset?: number;
}

/**
 * An array of a weight file, checked against its bytes; nothing is copied before it is asked for.
 *
 * @param place - the array, for messages: `weights.npz, array "conv1"`
 * @throws {@link AlexNetError} `INVALID_MODEL` if it does not lie within `bytes`
 */
export function createFileTensor(stored: StoredArray, place: string): FileTensor {
  const { type, shape, bytes, byteOrder = 'little', offset = 0 } = stored;
  checkShape(shape, place);
  const strides = stored.strides ?? rowMajorStrides(shape);
  const size = ELEMENT_BYTES[type];
  const extent = elementExtent(shape, strides);
  const isWithin = (offset + extent) * size <= bytes.length;
  const areValid = [offset, ...strides].every((step) => Number.isSafeInteger(step) && step >= 0);
  if (!isWithin || !areValid || strides.length !== shape.length) {
    throw damagedFile(
      place,
      `shape ${formatShape(shape)} in ${type} at element ${offset} with strides ${formatShape(strides)} ` +
        `needs ${(offset + extent) * size} bytes, but there are ${bytes.length}`,
    );
  }
  const own = bytes.subarray(offset * size, (offset + extent) * size);
  const isContiguous = rowMajorStrides(shape).every(
    (stride, axis) => stride === strides[axis] || (shape[axis] ?? 0) <= 1,
  );
  return {
    dtype: toWeightType(type),
    shape,
    toFloat32: () => {
      const floats = decodeFloats(own, type, byteOrder);
      return isContiguous ? floats : gather(floats, shape, strides);
    },
    ...(isContiguous
      ? {
          readFloats: (target, begin) => {
            const part = own.subarray(begin * size, (begin + target.length) * size);
            decodeFloatsInto(target, part, { type, byteOrder });
          },
        }
      : {}),
  };
}

/** @throws {@link AlexNetError} `INVALID_MODEL`: too many axes, a length that is none, a product that overflows */
export function checkShape(shape: Shape, place: string): void {
  if (shape.length > MAX_RANK) {
    throw damagedFile(place, `it has ${shape.length} axes, more than the limit of ${MAX_RANK}`);
  }
  const isLength = (length: number) => Number.isSafeInteger(length) && length >= 0;
  const nonZero = shape.filter((length) => length !== 0);
  if (!shape.every(isLength) || sizeOf(nonZero) > Number.MAX_SAFE_INTEGER) {
    throw damagedFile(place, `${formatShape(shape)} is no shape`);
  }
}

/** Elements from the first to the last one, both included. */
function elementExtent(shape: Shape, strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), 1);
}
