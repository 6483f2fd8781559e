import { implied, integer, message, repeated, required, string } from './field.ts';
import { defineMessage, type Message } from './message.ts';
import type {
  DimensionProto,
  OperatorSetIdProto,
  SequenceTypeProto,
  StringStringEntryProto,
  TensorShapeProto,
  TensorTypeProto,
  TypeProto,
  ValueInfoProto,
} from './messages.ts';

// Field numbers and types: onnx/onnx.proto3 of github.com/onnx/onnx. Apart from the rest: pages read no more of a file.

export const operatorSetId: Message<OperatorSetIdProto> = defineMessage({
  domain: implied('', string(1)),
  version: implied(0, integer(2)),
});

export const stringStringEntry: Message<StringStringEntryProto> = defineMessage({
  key: implied('', string(1)),
  value: implied('', string(2)),
});

const dimension: Message<DimensionProto> = defineMessage({
  dimValue: integer(1),
  dimParam: string(2),
});

const tensorShape: Message<TensorShapeProto> = defineMessage({
  dim: repeated(message(1, () => dimension)),
});

const tensorType: Message<TensorTypeProto> = defineMessage({
  elemType: implied(0, integer(1)),
  shape: message(2, () => tensorShape),
});

const sequenceType: Message<SequenceTypeProto> = defineMessage({
  elemType: required(message(1, () => type)),
});

const type: Message<TypeProto> = defineMessage({
  tensorType: message(1, () => tensorType),
  sequenceType: message(4, () => sequenceType),
});

export const valueInfo: Message<ValueInfoProto> = defineMessage({
  name: required(string(1)),
  type: message(2, () => type),
});

/** A model without its nodes and weights: what can be told of any model from a few kilobytes. */
export interface ModelOutline {
  readonly irVersion: number;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly modelVersion?: number;
  readonly docString?: string;
  readonly graph: GraphOutline;
  readonly opsetImport: readonly OperatorSetIdProto[];
  readonly metadataProps: readonly StringStringEntryProto[];
}

export interface GraphOutline {
  readonly name?: string;
  /** Older files list the weights among the inputs: their names tell them apart. */
  readonly initializer: readonly { readonly name?: string }[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export const tensorName: Message<{ readonly name?: string }> = defineMessage({ name: string(8) });

export const graphOutline: Message<GraphOutline> = defineMessage({
  name: string(2),
  initializer: repeated(message(5, () => tensorName)),
  input: repeated(message(11, () => valueInfo)),
  output: repeated(message(12, () => valueInfo)),
});

export const modelOutlineMessage: Message<ModelOutline> = defineMessage({
  irVersion: required(integer(1)),
  producerName: string(2),
  producerVersion: string(3),
  modelVersion: integer(5),
  docString: string(6),
  graph: required(message(7, () => graphOutline)),
  opsetImport: repeated(message(8, () => operatorSetId)),
  metadataProps: repeated(message(14, () => stringStringEntry)),
});
