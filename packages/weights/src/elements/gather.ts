import { type Shape, sizeOf } from '@alexnet/core';

/** Steps between elements where the last axis lies closest, as in C. */
export function rowMajorStrides(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Steps between elements where the first axis lies closest, as in Fortran. */
export function columnMajorStrides(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
}

/** Elements that lie apart, brought into rows. */
export function gather(
  source: Float32Array,
  shape: Shape,
  strides: readonly number[],
): Float32Array {
  const gathered = new Float32Array(sizeOf(shape));
  if (gathered.length === 0) return gathered;
  const width = shape.at(-1) ?? 1;
  const step = strides.at(-1) ?? 1;
  const index = shape.slice(0, -1).map(() => 0);
  let from = 0;
  for (let to = 0; to < gathered.length; to += width) {
    for (let column = 0; column < width; column += 1) {
      gathered[to + column] = source[from + column * step] ?? 0;
    }
    // Counts like an odometer: the last of the outer axes turns fastest.
    for (let axis = index.length - 1; axis >= 0; axis -= 1) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return gathered;
}
