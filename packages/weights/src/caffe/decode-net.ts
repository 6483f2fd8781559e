import { MessageReader } from '../protobuf/message-reader.ts';
import { type Blob, readBlob } from './blob.ts';
import type { Fields, FieldValue } from './fields.ts';
import {
  BLOB_FIELDS,
  LAYER,
  NET,
  NET_FIELDS,
  type Schema,
  V0_LAYER_FIELD,
  V1_LAYER,
} from './schema.ts';

/** Fields, list elements included, that a network may have; ResNet-152 has some 30,000. */
export const MAX_FIELDS = 100_000;
/** Layers of a network, and arrays of all its layers together; DenseNet-264 has some 1,000. */
export const MAX_LAYERS = 2000;
const MAX_BLOBS = 10_000;

/** A layer as it stands in the file. */
export interface RawLayer {
  readonly fields: Fields;
  readonly blobs: readonly Blob[];
}

/** A `NetParameter` as it stands in the file. */
export interface RawNet {
  readonly fields: Fields;
  /** `layer`, of today. */
  readonly layers: readonly RawLayer[];
  /** `layers`, of 2013 and 2014: V1, or V0 within V1. */
  readonly oldLayers: readonly RawLayer[];
}

/**
 * Reads a `NetParameter` of a binary file.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function decodeNet(bytes: Uint8Array): RawNet {
  const reader = MessageReader.open(bytes, 'Caffe model');
  const limits = { fields: MAX_FIELDS, layers: MAX_LAYERS, blobs: MAX_BLOBS };
  const fields = new Map<string, FieldValue[]>();
  const layers: RawLayer[] = [];
  const oldLayers: RawLayer[] = [];
  while (reader.next()) {
    const { field } = reader;
    if (field === NET_FIELDS.layer) {
      const name = `layer[${layers.length}]`;
      layers.push(decodeLayer(spend(reader, limits, 'layers').message(name), limits));
    } else if (field === NET_FIELDS.v1Layers) {
      const name = `layers[${oldLayers.length}]`;
      oldLayers.push(decodeOldLayer(spend(reader, limits, 'layers').message(name), limits));
    } else {
      decodeField(reader, NET, fields, limits);
    }
  }
  return { fields, layers, oldLayers };
}

interface Limits {
  fields: number;
  layers: number;
  blobs: number;
}

function spend(reader: MessageReader, limits: Limits, kind: keyof Limits): MessageReader {
  limits[kind] -= 1;
  if (limits[kind] < 0) throw reader.fault(`there are too many ${kind}`);
  return reader;
}

function decodeLayer(reader: MessageReader, limits: Limits): RawLayer {
  const fields = new Map<string, FieldValue[]>();
  const blobs: Blob[] = [];
  while (reader.next()) {
    if (reader.field === BLOB_FIELDS.layer) appendBlob(reader, blobs, limits);
    else decodeField(reader, LAYER, fields, limits);
  }
  return { fields, blobs };
}

/** V0 has the arrays inside its `layer`, V1 beside it. */
function decodeOldLayer(reader: MessageReader, limits: Limits): RawLayer {
  const fields = new Map<string, FieldValue[]>();
  const blobs: Blob[] = [];
  while (reader.next()) {
    if (reader.field === BLOB_FIELDS.v1Layer) appendBlob(reader, blobs, limits);
    else decodeField(reader, V1_LAYER, fields, limits);
    if (reader.field !== V0_LAYER_FIELD) continue;
    const inner = reader.message('layer');
    while (inner.next()) {
      if (inner.field === BLOB_FIELDS.v0Layer) appendBlob(inner, blobs, limits);
    }
  }
  return { fields, blobs };
}

function appendBlob(reader: MessageReader, blobs: Blob[], limits: Limits): void {
  const name = `blobs[${blobs.length}]`;
  blobs.push(readBlob(spend(reader, limits, 'blobs').message(name)));
}

function decodeFields(reader: MessageReader, schema: Schema, limits: Limits): Fields {
  const fields = new Map<string, FieldValue[]>();
  while (reader.next()) decodeField(reader, schema, fields, limits);
  return fields;
}

function decodeField(
  reader: MessageReader,
  schema: Schema,
  fields: Map<string, FieldValue[]>,
  limits: Limits,
): void {
  const entry = schema.get(reader.field);
  if (!entry) return;
  const [name, kind] = entry;
  spend(reader, limits, 'fields');
  const values = fields.get(name) ?? [];
  fields.set(name, values);
  if (kind === 'integer') {
    const integers: number[] = [];
    reader.appendIntegers(integers, limits.fields);
    limits.fields -= integers.length;
    for (const integer of integers) values.push(integer);
  } else if (kind === 'float') values.push(roundFloat(reader.float()));
  else if (kind === 'boolean') values.push(reader.boolean());
  else if (kind === 'text') values.push(reader.text());
  else if (typeof kind === 'function') {
    values.push(decodeFields(reader.message(name), kind(), limits));
  } else {
    const number = reader.integer();
    values.push(kind.get(number) ?? number);
  }
}

/** Digits that tell any two float32 apart. */
const MAX_FLOAT_DIGITS = 9;

/** The decimal number that the author wrote: the shortest that this float32 is nearest to, 0.0001. */
function roundFloat(value: number): number {
  for (let digits = 6; digits < MAX_FLOAT_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
