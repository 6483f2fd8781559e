import { type Shape, sizeOf } from '@alexnet/core';
import type { Budget } from './budget.ts';
import { batchOf, type Constant, type Numbers } from './constant.ts';

// The numbers of a constant in another order. What depends on the batch goes along.

/** @param indexAt - where element `index` of the result comes from */
export function pick(
  constant: Constant,
  shape: Shape,
  indexAt: (index: number) => number,
): Constant {
  const size = sizeOf(shape);
  const { type, data, batch } = constant;
  const picked = data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let index = 0; index < size; index += 1) picked[index] = data[indexAt(index)] ?? 0;
  const pickedBatch = batch && new Float64Array(size);
  for (let index = 0; pickedBatch && index < size; index += 1) {
    pickedBatch[index] = batch[indexAt(index)] ?? 0;
  }
  return {
    kind: 'constant',
    type,
    shape,
    data: picked,
    ...batchOf(pickedBatch),
  };
}

/** The same numbers under another shape. */
export function withShape({ source: _, ...constant }: Constant, shape: Shape): Constant {
  return { ...constant, shape };
}

/** @returns undefined unless `order` names each axis once */
export function transpose(
  constant: Constant,
  order: readonly number[],
  budget: Budget,
): Constant | undefined {
  const { shape } = constant;
  const strides = stridesOf(shape);
  const isOrder = order.length === shape.length && new Set(order).size === shape.length;
  if (!isOrder || order.some((axis) => shape[axis] === undefined)) return undefined;
  budget.take(constant.source ?? 'A constant', sizeOf(shape));
  const turned = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 0);
  return pick(constant, turned, (index) => offsetOf(index, turned, steps));
}

export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

/** Some places along each of some axes. */
export function slice(constant: Constant, ranges: readonly SliceRange[], budget: Budget): Constant {
  const { shape } = constant;
  const strides = stridesOf(shape);
  const cut = shape.map((length, axis) => ranges.find((r) => r.axis === axis)?.count ?? length);
  const steps = strides.map((s, axis) => s * (ranges.find((r) => r.axis === axis)?.step ?? 1));
  const first = ranges.reduce((sum, { axis, start }) => sum + start * (strides[axis] ?? 0), 0);
  budget.take(constant.source ?? 'A constant', sizeOf(cut));
  return pick(constant, cut, (index) => first + offsetOf(index, cut, steps));
}

/**
 * The places along an axis that a begin, an end and a step name, as Python counts them.
 *
 * @returns undefined for a step of 0
 */
export function resolveRange(
  axis: number,
  length: number,
  { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
): SliceRange | undefined {
  if (step === 0) return undefined;
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (place: number) =>
    Math.min(Math.max(place < 0 ? place + length : place, lowest), highest);
  const begin = clamp(start);
  const count = Math.max(0, Math.ceil((clamp(end) - begin) / step));
  return { axis, start: begin, count, step };
}

/** Constants one behind the other along an axis; undefined where they do not fit together. */
export function concatenate(
  parts: readonly Constant[],
  axis: number,
  budget: Budget,
): Constant | undefined {
  const [first] = parts;
  if (!first || axis < 0 || axis >= first.shape.length) return undefined;
  const fits = parts.every(
    ({ type, shape }) =>
      type === first.type &&
      shape.length === first.shape.length &&
      shape.every((length, index) => index === axis || length === first.shape[index]),
  );
  if (!fits) return undefined;
  const along = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  const shape = first.shape.map((length, index) => (index === axis ? along : length));
  const size = sizeOf(shape);
  const rows = sizeOf(shape.slice(0, axis));
  const whole = rows === 1 ? viewNeighbours(parts, size) : undefined;
  if (whole) return { kind: 'constant', type: first.type, shape, data: whole };
  budget.take(first.source ?? 'A constant', size);
  const data = allocate(parts, size);
  const batch = new Float64Array(parts.some((part) => part.batch) ? size : 0);
  let offset = 0;
  for (let row = 0; row < rows; row += 1) {
    for (const part of parts) {
      const length = part.data.length / rows;
      data.set(part.data.subarray(row * length, (row + 1) * length), offset);
      if (part.batch) batch.set(part.batch.subarray(row * length, (row + 1) * length), offset);
      offset += length;
    }
  }
  const { type } = first;
  return { kind: 'constant', type, shape, data, ...batchOf(batch) };
}

/** One view of floats that lie one behind the other already, as parts of a weight in files do. */
function viewNeighbours(parts: readonly Constant[], size: number): Float32Array | undefined {
  const [first] = parts;
  if (!(first?.data instanceof Float32Array)) return undefined;
  const { buffer, byteOffset } = first.data;
  let end = byteOffset;
  for (const { data, batch } of parts) {
    const follows = data instanceof Float32Array && data.buffer === buffer;
    if (!follows || data.byteOffset !== end || batch) return undefined;
    end += data.byteLength;
  }
  return new Float32Array(buffer, byteOffset, size);
}

/** For the numbers of all parts; quantised ones stay as small as they are. */
function allocate(parts: readonly Constant[], size: number): Numbers {
  if (parts.every(({ data }) => data instanceof Int8Array)) return new Int8Array(size);
  return parts[0]?.type === 'float' ? new Float32Array(size) : new Float64Array(size);
}

/** The shape that two shapes have together, lengths of 1 repeated; undefined where they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape = Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    return left === 1 || left === right ? right : right === 1 ? left : -1;
  });
  return shape.includes(-1) ? undefined : shape;
}

/** Where an element of a broadcast shape lies in the smaller array. */
export function broadcastIndex(shape: Shape, small: Shape): (index: number) => number {
  const strides = stridesOf(small);
  const steps = shape.map((_, axis) => {
    const own = axis - shape.length + small.length;
    return (small[own] ?? 1) === 1 ? 0 : (strides[own] ?? 0);
  });
  return (index) => offsetOf(index, shape, steps);
}

export function stridesOf(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function offsetOf(index: number, shape: Shape, steps: readonly number[]): number {
  let rest = index;
  let offset = 0;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const length = shape[axis] ?? 1;
    offset += (rest % length) * (steps[axis] ?? 0);
    rest = Math.floor(rest / length);
  }
  return offset;
}
