import { readFileSync } from 'node:fs';
import { createRandom, type Random } from '@alexnet/core';
import { decodeModel, encodeModel } from '@alexnet/export';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';

// Our codec against protobufjs, which knows ONNX's messages by their published description alone (onnx-ml.proto of onnx
// 1.23.2, made by golden/make-onnx-schema.mjs): messages of all its fields, those that we pass over too, made at random from a seed.

const CASES = 150;
const SCHEMA: protobuf.INamespace = JSON.parse(
  readFileSync(new URL('golden/onnx-schema.json', import.meta.url), 'utf8'),
);

/** Lists that ONNX leaves unpacked; every parser has to take them packed as well. */
const UNPACKED = [
  ['AttributeProto', 'floats'],
  ['AttributeProto', 'ints'],
  ['TensorProto', 'dims'],
] as const;

function describeMessages(packsLists: boolean): protobuf.Root {
  const root = protobuf.Root.fromJSON(SCHEMA);
  for (const [type, field] of UNPACKED) {
    const found = root.lookupType(`onnx.${type}`).fields[field];
    if (packsLists) found?.setOption('packed', true);
  }
  root.resolveAll();
  return root;
}

/** What of each message we read, under protobufjs's names; what a message has where the file is silent. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  ModelProto: ['irVersion', 'producerName', 'producerVersion', 'modelVersion', 'docString'].concat([
    'graph',
    'opsetImport',
    'metadataProps',
  ]),
  OperatorSetIdProto: ['domain', 'version'],
  StringStringEntryProto: ['key', 'value'],
  GraphProto: ['node', 'name', 'initializer', 'input', 'output'],
  NodeProto: ['input', 'output', 'name', 'opType', 'attribute', 'domain'],
  AttributeProto: ['name', 'f', 'i', 's', 't', 'g', 'floats', 'ints', 'type'],
  TensorProto: [
    'dims',
    'dataType',
    'floatData',
    'int32Data',
    'int64Data',
    'name',
    'rawData',
  ].concat(['doubleData', 'externalData', 'dataLocation']),
  ValueInfoProto: ['name', 'type'],
  TypeProto: ['tensorType', 'sequenceType'],
  Tensor: ['elemType', 'shape'],
  Sequence: ['elemType'],
  TensorShapeProto: ['dim'],
  Dimension: ['dimValue', 'dimParam'],
};
const IMPLIED: Readonly<Record<string, unknown>> = {
  'OperatorSetIdProto.domain': '',
  'OperatorSetIdProto.version': 0,
  'StringStringEntryProto.key': '',
  'StringStringEntryProto.value': '',
  'AttributeProto.type': 0,
  'Tensor.elemType': 0,
};
const REQUIRED = new Set([
  ...['ModelProto.irVersion', 'ModelProto.graph', 'NodeProto.opType', 'AttributeProto.name'],
  ...['TensorProto.dataType', 'ValueInfoProto.name', 'Sequence.elemType'],
]);
/** 64-bit numbers that stay so; the others are lengths, versions and the like: safe integers. */
const WIDE = new Set(['AttributeProto.i', 'AttributeProto.ints']);
const PACKED = new Set(['floatData', 'int32Data', 'int64Data', 'doubleData']);
const MAX_DEPTH = 7;

type Plain = Record<string, unknown>;

/** A random message, as protobufjs takes it. */
function generate(type: protobuf.Type, random: Random, depth = 0): Plain {
  const message: Plain = {};
  const chosen = new Map<protobuf.OneOf, number>();
  for (const oneof of type.oneofsArray) chosen.set(oneof, random.integer(oneof.fieldsArray.length));
  for (const field of type.fieldsArray) {
    const place = `${type.name}.${field.name}`;
    const isRequired = REQUIRED.has(place);
    const { partOf } = field;
    if (partOf && partOf.fieldsArray[chosen.get(partOf) ?? 0] !== field && !isRequired) continue;
    const isNested = field.resolvedType instanceof protobuf.Type;
    if (!isRequired && (random.integer(2) === 0 || (isNested && depth >= MAX_DEPTH))) continue;
    const length = field.repeated ? random.integer(isNested ? 3 : 5) : 1;
    const items = Array.from({ length }, () => generateValue(field, place, { random, depth }));
    message[field.name] = field.repeated ? items : items[0];
  }
  return message;
}

function generateValue(
  field: protobuf.Field,
  place: string,
  { random, depth }: { readonly random: Random; readonly depth: number },
): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return generate(resolvedType, random, depth + 1);
  if (resolvedType instanceof protobuf.Enum) {
    const values = Object.values(resolvedType.values);
    return values[random.integer(values.length)];
  }
  const word = () => random.integer(2 ** 31) * 2 + random.integer(2);
  switch (field.type) {
    case 'string':
      return ['', 'conv1', 'Häuser', '\u{1f41f}', 'x'.repeat(200), '__proto__'][random.integer(6)];
    case 'bytes':
      return Uint8Array.from({ length: random.integer(300) }, () => random.integer(256));
    case 'float':
    case 'double':
      return Math.fround((random.uniform() - 0.5) * 10 ** (random.integer(20) - 10));
    case 'int32':
      return place === 'TensorProto.dataType' ? random.integer(20) : word() | 0;
    default:
      // Of every length: wide ones with a sign, lengths and versions below 2⁵³.
      if (WIDE.has(place) || !isRead(place) || PACKED.has(field.name)) {
        const high = [0, -1, word() | 0][random.integer(3)] ?? 0;
        return new protobuf.util.Long(word() >>> random.integer(32), high);
      }
      return random.integer(2 ** (1 + random.integer(30)));
  }
}

function isRead(place: string): boolean {
  const [type = '', field = ''] = place.split('.');
  return KNOWN[type]?.includes(field) ?? false;
}

/** The same message as our decoder has to give it. */
function project(type: protobuf.Type, message: Plain): Plain {
  const projected: Plain = {};
  for (const name of KNOWN[type.name] ?? []) {
    const field = type.fields[name];
    if (!field) throw new Error(`The description has no ${type.name}.${name}.`);
    const value = message[name];
    const place = `${type.name}.${name}`;
    const list = Array.isArray(value) ? value : [];
    if (PACKED.has(name)) {
      // An encoder writes no list of nothing.
      if (list.length > 0) projected[name] = pack(field, list);
    } else if (field.repeated) {
      projected[name] = list.map((item) => projectValue(field, place, item));
    } else if (value !== undefined) projected[name] = projectValue(field, place, value);
    else if (place in IMPLIED) projected[name] = IMPLIED[place];
  }
  return projected;
}

function projectValue(field: protobuf.Field, place: string, value: unknown): unknown {
  if (field.resolvedType instanceof protobuf.Type)
    return project(field.resolvedType, Object(value));
  if (WIDE.has(place)) return BigInt(String(value));
  return field.type === 'int64' ? Number(String(value)) : value;
}

/** The numbers of a list one behind the other, by protobufjs's writer. */
function pack(field: protobuf.Field, list: readonly unknown[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const item of list) {
    if (field.type === 'float') writer.float(Number(item));
    else if (field.type === 'double') writer.double(Number(item));
    else if (field.type === 'int32') writer.int32(Number(item));
    else writer.int64(Object(item));
  }
  return Uint8Array.from(writer.finish());
}

describe.each([
  ['unpacked, as ONNX writes them', false],
  ['packed', true],
])('lists %s', (_name, packsLists) => {
  const type = describeMessages(packsLists).lookupType('onnx.ModelProto');

  test(`${CASES} messages of protobufjs are read as they are`, () => {
    let bytes = 0;
    for (let index = 0; index < CASES; index += 1) {
      const message = generate(type, createRandom(20120930).split(`message ${index}`));
      const encoded = type.encode(message).finish();
      bytes += encoded.length;
      expect(decodeModel(encoded), `message ${index}`).toEqual(project(type, message));
    }
    expect(bytes).toBeGreaterThan(CASES * 1000);
  });

  test(`and protobufjs reads ours: the same bytes again`, () => {
    const plain = describeMessages(false).lookupType('onnx.ModelProto');
    for (let index = 0; index < CASES; index += 1) {
      const message = generate(type, createRandom(20120930).split(`message ${index}`));
      const ours = encodeModel(decodeModel(type.encode(message).finish()));
      expect(Buffer.compare(ours, plain.encode(plain.decode(ours)).finish())).toBe(0);
      expect(project(plain, toPlain(plain, ours)), `message ${index}`).toEqual(
        project(type, message),
      );
    }
  });
});

/** What protobufjs reads, as it takes it. */
function toPlain(type: protobuf.Type, bytes: Uint8Array): Plain {
  return type.toObject(type.decode(bytes), { defaults: false });
}

test('of a field that comes twice the last counts, and messages are not merged', () => {
  const type = describeMessages(false).lookupType('onnx.ModelProto');
  const graph = { name: 'g' };
  const first = type.encode({ irVersion: 3, producerName: 'a', graph }).finish();
  const again = type.encode({ irVersion: 9, producerName: 'b' }).finish();
  const merged = decodeModel(Buffer.concat([first, again]));
  expect(merged).toMatchObject(toNames(type.toObject(type.decode(Buffer.concat([first, again])))));
  expect(merged).toMatchObject({ irVersion: 9, producerName: 'b' });
  expect(() => decodeModel(Buffer.concat([first, first]))).toThrow('graph');
});

function toNames({ producerName }: Plain): Plain {
  return { producerName };
}
