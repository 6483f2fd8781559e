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
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto } from './messages.ts';
import { scanOf } from './outline-scan.ts';
import { operatorSetId, stringStringEntry, valueInfo } from './outline-schema.ts';
import type { Scan } from './scan.ts';

// Field numbers and types: onnx/onnx.proto3 of github.com/onnx/onnx.

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

/** Longer values of a weight are no part of a network's structure, as a band or a shape is. */
const LONG_BYTES = 2 ** 20;

/** A model but for the values of its large weights. */
export const hollowModelScan: Scan = scanOf(modelMessage, {
  graph: scanOf(graph, {
    initializer: scanOf(tensor, {
      ...{ rawData: LONG_BYTES, floatData: LONG_BYTES, int32Data: LONG_BYTES },
      ...{ int64Data: LONG_BYTES, doubleData: LONG_BYTES },
    }),
  }),
});
