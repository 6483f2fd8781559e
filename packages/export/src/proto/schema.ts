import {
  bytes,
  float,
  implied,
  int64,
  integer,
  length,
  message,
  packed,
  repeated,
  required,
  string,
} from './field.ts';
import { defineMessage, type Message } from './message.ts';
import type {
  AttributeProto,
  DimensionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetIdProto,
  SequenceTypeProto,
  StringStringEntryProto,
  TensorProto,
  TensorShapeProto,
  TensorTypeProto,
  TypeProto,
  ValueInfoProto,
} from './messages.ts';
import type { Scan } from './scan.ts';

// Field numbers and types: onnx/onnx.proto3 of github.com/onnx/onnx.

const operatorSetId: Message<OperatorSetIdProto> = defineMessage({
  domain: implied('', string(1)),
  version: implied(0, integer(2)),
});

const stringStringEntry: Message<StringStringEntryProto> = defineMessage({
  key: implied('', string(1)),
  value: implied('', string(2)),
});

const tensor: Message<TensorProto> = defineMessage({
  dims: repeated(length(1)),
  dataType: required(integer(2)),
  floatData: packed(4),
  int32Data: packed(5),
  int64Data: packed(7),
  name: string(8),
  rawData: bytes(9),
  doubleData: packed(10),
  externalData: repeated(message(13, () => stringStringEntry)),
  dataLocation: integer(14),
});

const attribute: Message<AttributeProto> = defineMessage({
  name: required(string(1)),
  f: float(2),
  i: int64(3),
  s: bytes(4),
  t: message(5, () => tensor),
  g: message(6, () => graph),
  floats: repeated(float(7)),
  ints: repeated(int64(8)),
  type: implied(0, integer(20)),
});

const node: Message<NodeProto> = defineMessage({
  input: repeated(string(1)),
  output: repeated(string(2)),
  name: string(3),
  opType: required(string(4)),
  attribute: repeated(message(5, () => attribute)),
  domain: string(7),
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

const graph: Message<GraphProto> = defineMessage({
  node: repeated(message(1, () => node)),
  name: string(2),
  initializer: repeated(message(5, () => tensor)),
  input: repeated(message(11, () => valueInfo)),
  output: repeated(message(12, () => valueInfo)),
});

export const modelMessage: Message<ModelProto> = defineMessage({
  irVersion: required(integer(1)),
  producerName: string(2),
  producerVersion: string(3),
  modelVersion: integer(5),
  docString: string(6),
  graph: required(message(7, () => graph)),
  opsetImport: repeated(message(8, () => operatorSetId)),
  metadataProps: repeated(message(14, () => stringStringEntry)),
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

const tensorName: Message<{ readonly name?: string }> = defineMessage({ name: string(8) });

const graphOutline: Message<GraphOutline> = defineMessage({
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

/** The fields of an outline, where they lie in a file. */
export const modelOutlineScan: Scan = scanOf(modelOutlineMessage, {
  graph: scanOf(graphOutline, { initializer: scanOf(tensorName, {}) }),
});

function scanOf<M>(
  { fields, keys }: Message<M>,
  parts: { readonly [Key in keyof M & string]?: Scan },
): Scan {
  return new Map(keys.map((key) => [fields[key].number, parts[key] ?? 'whole']));
}
