import { type Shape, sizeOf, type Tensor } from '@alexnet/core';

/** What the numbers of a constant are: float32, integers, or truth values. */
export type ConstantType = 'float' | 'integer' | 'boolean';

/** Quantised weights stay as small as they are in the file. */
export type Numbers = Float32Array | Float64Array | Int8Array | Uint8Array;

/**
 * A value of an ONNX graph that is known before a run: a weight, or what a graph says about shapes.
 *
 * The length of the batch is the one number that is not known. An element is `data[i] + batch[i] · N`, so that
 * what a graph computes from the shape of a value can be followed without it.
 */
export interface Constant {
  readonly kind: 'constant';
  readonly type: ConstantType;
  readonly shape: Shape;
  readonly data: Numbers;
  /** One for each element of `data`; absent where none depends on the batch. */
  readonly batch?: Float64Array;
  /** Its name, where it stands in the file as it is, or only in numbers that are smaller. */
  readonly source?: string;
}

export function makeFloats(shape: Shape, data: Float32Array): Constant {
  return { kind: 'constant', type: 'float', shape, data };
}

export function makeIntegers(values: readonly number[], shape: Shape = [values.length]): Constant {
  return { kind: 'constant', type: 'integer', shape, data: Float64Array.from(values) };
}

/** Integers of a list or a scalar that do not depend on the batch; undefined for anything else. */
export function integersOf({ type, shape, data, batch }: Constant): readonly number[] | undefined {
  return type === 'integer' && shape.length <= 1 && !batch ? Array.from(data) : undefined;
}

/** The number of a constant of one element; undefined for anything else. */
export function scalarOf({ shape, data, batch }: Constant): number | undefined {
  return sizeOf(shape) === 1 && !batch ? data[0] : undefined;
}

/** Floats as a weight; undefined for anything else. */
export function tensorOf({ type, shape, data }: Constant): Tensor | undefined {
  return type === 'float' && data instanceof Float32Array ? { shape, data } : undefined;
}

/** A tensor as a constant again, of new numbers. */
export function constantOf({ shape, data }: Tensor): Constant {
  return makeFloats(shape, data);
}

/** What depends on the batch, where anything does. */
export function batchOf(batch: Float64Array | undefined): { readonly batch?: Float64Array } {
  return batch?.some((factor) => factor !== 0) ? { batch } : {};
}
