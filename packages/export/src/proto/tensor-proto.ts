import { AlexNetError, formatShape } from '@alexnet/core';
import { DataType, type TensorProto } from './messages.ts';

/** A tensor of any of the types that we write, in row-major order. Booleans are 0 and 1. */
export type OnnxTensor = {
  readonly [Type in OnnxType]: {
    readonly dtype: Type;
    readonly shape: readonly number[];
    readonly data: OnnxArrays[Type];
  };
}[OnnxType];

export interface OnnxArrays {
  readonly float32: Float32Array;
  /** The bits of IEEE 754 halves. */
  readonly float16: Uint16Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}

/** Element types by their names in numpy and onnxruntime. */
export type OnnxType = keyof OnnxArrays;

type TypeCodes = { readonly [Type in OnnxType]: number };

export const DATA_TYPE_OF: TypeCodes = {
  float32: DataType.float,
  float16: DataType.float16,
  int64: DataType.int64,
  int32: DataType.int32,
  int8: DataType.int8,
  uint8: DataType.uint8,
  bool: DataType.bool,
};

/** @returns a name for people, also for types that we do not read: `float16`, `type 99`. */
export function nameDataType(dataType: number): string {
  if (dataType === DataType.float) return 'float32';
  if (dataType === DataType.double) return 'float64';
  const known = Object.entries(DataType).find(([, code]) => code === dataType);
  return known ? known[0] : `type ${dataType}`;
}

/**
 * `rawData` is a view of the tensor's own memory.
 *
 * @throws AlexNetError `SHAPE_MISMATCH` if shape and data disagree.
 */
export function makeTensorProto(name: string | undefined, tensor: OnnxTensor): TensorProto {
  const { dtype, shape, data } = tensor;
  checkShape(name, shape, data.length);
  return {
    dims: [...shape],
    dataType: DATA_TYPE_OF[dtype],
    ...(name === undefined ? {} : { name }),
    // ONNX is little-endian, as every machine that runs this.
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    externalData: [],
  };
}

function checkShape(name: string | undefined, shape: readonly number[], size: number): void {
  const isLength = (length: number) => Number.isSafeInteger(length) && length >= 0;
  const expected = shape.reduce((product, length) => product * length, 1);
  if (shape.every(isLength) && expected === size) return;
  throw new AlexNetError('SHAPE_MISMATCH', {
    message: `${name ?? 'A constant'} has shape ${formatShape(shape)}, ${expected} elements, but ${size} values.`,
    hint: 'Check the shape against the array it describes.',
    path: name === undefined ? [] : [name],
  });
}
