import { AlexNetError } from '@alexnet/core';
import type { DimensionProto, TensorTypeProto, ValueInfoProto } from './proto/messages.ts';
import { DATA_TYPE_OF, type OnnxType } from './proto/tensor-proto.ts';

/** A length, or a name for one that is known at run time: `'N'`. */
export type Dimension = number | string;

export function makeTensorInfo(
  name: string,
  dtype: OnnxType,
  shape: readonly Dimension[],
): ValueInfoProto {
  return { name, type: { tensorType: makeTensorType(dtype, shape) } };
}

/** A sequence of tensors of one type. */
export function makeSequenceInfo(
  name: string,
  dtype: OnnxType,
  shape?: readonly Dimension[],
): ValueInfoProto {
  const elemType = { tensorType: makeTensorType(dtype, shape) };
  return { name, type: { sequenceType: { elemType } } };
}

function makeTensorType(dtype: OnnxType, shape?: readonly Dimension[]): TensorTypeProto {
  const elemType = DATA_TYPE_OF[dtype];
  return shape ? { elemType, shape: { dim: shape.map(makeDimension) } } : { elemType };
}

function makeDimension(dimension: Dimension): DimensionProto {
  if (typeof dimension === 'string') return { dimParam: dimension };
  if (Number.isSafeInteger(dimension) && dimension >= 0) return { dimValue: dimension };
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `An axis cannot be ${dimension} long.`,
    hint: 'Lengths are integers from 0; a free axis has a name: "N".',
  });
}
