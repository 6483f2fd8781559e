import { AlexNetError } from '@alexnet/core';
import { type AttributeProto, AttributeType, type GraphProto } from './proto/messages.ts';
import { makeTensorProto, type OnnxTensor } from './proto/tensor-proto.ts';

/** The value of a node's attribute, with its ONNX type: an integer and a float look alike in JavaScript. */
export type Attribute =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly t: OnnxTensor }
  | { readonly g: GraphProto };

/** @throws AlexNetError `INVALID_ARGUMENT` for an integer that is none */
export function makeAttributeProto(name: string, value: Attribute): AttributeProto {
  const base = { name, floats: [], ints: [] };
  if ('i' in value) return { ...base, i: toInt64(name, value.i), type: AttributeType.int };
  if ('f' in value) return { ...base, f: value.f, type: AttributeType.float };
  if ('s' in value) {
    return { ...base, s: new TextEncoder().encode(value.s), type: AttributeType.string };
  }
  if ('ints' in value)
    return {
      ...base,
      ints: value.ints.map((item) => toInt64(name, item)),
      type: AttributeType.ints,
    };
  if ('floats' in value) return { ...base, floats: value.floats, type: AttributeType.floats };
  if ('t' in value) {
    return { ...base, t: makeTensorProto(undefined, value.t), type: AttributeType.tensor };
  }
  return { ...base, g: value.g, type: AttributeType.graph };
}

/** @throws AlexNetError `INVALID_ARGUMENT` */
export function toInt64(name: string, value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `"${name}" is ${value}, but should be an integer.`,
    hint: 'Write { f: … } for a float attribute.',
    path: [name],
  });
}
