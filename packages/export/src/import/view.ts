import { type Shape, sizeOf } from '@alexnet/core';

/** `length` steps of `stride` elements of a picture's data as the IR lays it out, or the pictures of the batch. */
export type Factor = 'batch' | { readonly length: number; readonly stride: number };

/** An axis is made of steps, the outermost first; none for a length of 1. */
export type Axis = readonly Factor[];

/**
 * How a value of an ONNX graph lies over the value of the IR that has its numbers: axis by axis, by steps in the
 * IR's order. Transpose, Reshape, Squeeze and Unsqueeze move nothing: they give the same numbers another view.
 */
export type View = readonly Axis[];

/** The length of an axis, `count` or `count · N`. */
export interface Extent {
  readonly count: number;
  readonly isBatch: boolean;
}

/** The view of a value as the IR has it. @param shape - of one picture */
export function viewOf(shape: Shape): View {
  const axes = shape.map((length, axis): Axis => {
    const stride = sizeOf(shape.slice(axis + 1));
    return length === 1 ? [] : [{ length, stride }];
  });
  return [['batch'], ...axes];
}

export function extentsOf(view: View): readonly Extent[] {
  return view.map((axis) => ({
    count: lengthOf(axis),
    isBatch: axis.includes('batch'),
  }));
}

/** Of an axis for one picture. */
export function lengthOf(axis: Axis): number {
  return axis.reduce((product, factor) => product * (factor === 'batch' ? 1 : factor.length), 1);
}

export function isSameView(a: View, b: View): boolean {
  return a.length === b.length && a.every((axis, index) => isSameAxis(axis, b[index] ?? []));
}

export function isSameAxis(a: Axis, b: Axis): boolean {
  return (
    a.length === b.length &&
    a.every((factor, index) => {
      const other = b[index];
      if (factor === 'batch' || other === 'batch' || !other) return factor === other;
      return factor.length === other.length && factor.stride === other.stride;
    })
  );
}

/** @returns undefined unless `order` names each axis once */
export function transposeView(view: View, order: readonly number[]): View | undefined {
  const axes = order.map((axis) => view[axis]);
  const isOrder = order.length === view.length && new Set(order).size === view.length;
  return isOrder && axes.every((axis) => axis !== undefined) ? (axes as View) : undefined;
}

/**
 * The same steps in axes of other lengths, as Reshape makes them.
 *
 * @returns undefined where the lengths do not divide the steps
 */
export function reshapeView(view: View, extents: readonly Extent[]): View | undefined {
  const steps = view.flat();
  const reshaped: Axis[] = [];
  for (const { count, isBatch } of extents) {
    const axis: Factor[] = [];
    if (isBatch) {
      if (steps.shift() !== 'batch') return undefined;
      axis.push('batch');
    }
    for (let left = count; left > 1; ) {
      const step = steps.shift();
      if (step === undefined || step === 'batch') return undefined;
      const { length, stride } = step;
      if (left % length === 0) {
        axis.push(step);
        left /= length;
      } else if (length % left === 0) {
        axis.push({ length: left, stride: stride * (length / left) });
        steps.unshift({ length: length / left, stride });
        left = 1;
      } else return undefined;
    }
    reshaped.push(mergeSteps(axis));
  }
  return steps.length === 0 ? reshaped : undefined;
}

/** Two steps that follow each other without a gap are one. */
function mergeSteps(axis: Axis): Axis {
  const merged: Factor[] = [];
  for (const step of axis) {
    const last = merged.at(-1);
    if (last && last !== 'batch' && step !== 'batch' && last.stride === step.length * step.stride) {
      merged[merged.length - 1] = { length: last.length * step.length, stride: step.stride };
    } else merged.push(step);
  }
  return merged;
}

/** Where each element of an axis lies in a picture's data. */
export function positionsOf(axis: Axis): readonly number[] {
  return axis.reduce<readonly number[]>(
    (positions, factor) => {
      if (factor === 'batch') return positions;
      const { length, stride } = factor;
      return positions.flatMap((start) =>
        Array.from({ length }, (_, index) => start + index * stride),
      );
    },
    [0],
  );
}

/**
 * What a Reshape asks for, as extents: 0 keeps an axis, -1 takes what is left, and the batch may stand there as
 * N, as -1, or as the number that the file was made for.
 *
 * @param target - `count + batch · N` of each axis
 * @param fixedBatch - length of the batch that the file declares; 1 where it leaves it free
 * @returns undefined where the target does not fit
 */
export function resolveExtents(
  view: View,
  target: readonly { readonly count: number; readonly batch: number }[],
  { fixedBatch, keepsZero }: { readonly fixedBatch: number; readonly keepsZero: boolean },
): readonly Extent[] | undefined {
  const own = extentsOf(view);
  const total = own.reduce((product, { count }) => product * count, 1);
  const asked = target.map(({ count, batch }, axis): Extent | undefined => {
    if (batch !== 0) return count === 0 ? { count: batch, isBatch: true } : undefined;
    if (count === 0 && !keepsZero) return own[axis];
    return { count, isBatch: false };
  });
  if (!asked.every((extent) => extent !== undefined)) return undefined;
  const open = asked.findIndex(({ count }) => count === -1);
  const known = asked.reduce((product, { count }) => product * (count === -1 ? 1 : count), 1);
  if (asked.some(({ count }) => count < -1 || count === 0)) return undefined;
  const missing = (product: number, isBatch: boolean) => {
    if (open >= 0 && total % product !== 0) return undefined;
    return asked.map((extent, axis) =>
      axis === open ? { count: total / product, isBatch } : extent,
    );
  };
  if (asked.some(({ isBatch }) => isBatch)) return open < 0 ? asked : missing(known, false);
  // The batch is not named: it is the first axis, as the number that the file was made for, or the open one.
  const [first] = asked;
  const stands = first && first.count % fixedBatch === 0 && first.count > 0;
  const withoutBatch = known / fixedBatch;
  if (stands && (open < 0 ? withoutBatch === total : total % withoutBatch === 0)) {
    const named = { count: first.count / fixedBatch, isBatch: true };
    return [named, ...(missing(withoutBatch, false)?.slice(1) ?? [])];
  }
  return open < 0 ? undefined : missing(known, true);
}
