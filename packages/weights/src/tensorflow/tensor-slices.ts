import { sizeOf } from '@alexnet/core';
import { createFileTensor } from '../elements/create-file-tensor.ts';
import { ELEMENT_BYTES, type ElementType } from '../elements/element-type.ts';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { MessageReader } from '../protobuf/message-reader.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor } from '../weight-file.ts';
import { MAX_ENTRIES, type VisitEntry } from './sorted-table.ts';
import { elementTypeOf, readShape } from './tensor-proto.ts';
import { isTrainingVariable, type ReadVariables, trainingNotes } from './variable-names.ts';

// The one file that `tf.train.Saver` wrote before 2017: a table whose first entry lists the tensors, and whose others
// are the tensors, as protobuf. Field numbers: tensorflow/core/util/saved_tensor_slice.proto, framework/tensor.proto.

const WHAT = 'TensorFlow checkpoint';
const SLICES = { meta: 1, data: 2 } as const;
const META_TENSOR = 1;
const TENSOR = { name: 1, shape: 2, dtype: 3, slice: 4 } as const;
const DATA = { name: 1, tensor: 3 } as const;
/** Fields of `TensorProto` with the numbers of a type, packed. */
const VALUES: ReadonlyMap<ElementType, number> = new Map([
  ['float32', 5],
  ['float64', 6],
]);

interface TensorMeta {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly slices: number;
}

/** Whether the value of a table's first entry lists tensors: it is a message where newer files have a number. */
export function isSlicesMeta(value: Uint8Array): boolean {
  const reader = MessageReader.open(value, WHAT);
  return reader.next() && reader.field === SLICES.meta && reader.isDelimited;
}

/** Gathers the tensors of such a table. */
export function createSlicesCollector(place: string): {
  readonly visit: VisitEntry;
  finish(): ReadVariables;
} {
  const metas = new Map<string, TensorMeta>();
  const tensors = new Map<string, Uint8Array>();
  return {
    visit(_key, value) {
      const reader = MessageReader.open(value, WHAT);
      while (reader.next()) {
        if (reader.field === SLICES.meta) readMetas(reader.message('meta'), metas);
        else if (reader.field === SLICES.data) {
          const { name, tensor } = readSlice(reader.message('data'));
          if (tensor) tensors.set(name, tensor);
        }
      }
    },
    finish() {
      const read = new Map<string, FileTensor>();
      const unread: string[] = [];
      const kept = [...metas].filter(
        ([name]) => !isTrainingVariable(name, (all) => metas.has(all)),
      );
      for (const [name, meta] of kept) {
        const tensor = toTensor(name, meta, tensors.get(name), place);
        if (tensor) read.set(name, tensor);
        else unread.push(name);
      }
      return { tensors: read, notes: trainingNotes(metas.size - kept.length, unread) };
    },
  };
}

function readMetas(reader: MessageReader, metas: Map<string, TensorMeta>): void {
  while (reader.next()) {
    if (reader.field !== META_TENSOR) continue;
    if (metas.size >= MAX_ENTRIES) throw reader.fault(`more than ${MAX_ENTRIES} tensors`);
    const { name, ...meta } = readMeta(reader.message(`tensor[${metas.size}]`));
    if (metas.has(name)) throw reader.fault(`${quoteName(name)} comes twice`);
    metas.set(name, meta);
  }
}

function readMeta(reader: MessageReader): TensorMeta & { readonly name: string } {
  const meta = { name: '', dtype: 0, slices: 0 };
  let shape: readonly number[] = [];
  while (reader.next()) {
    if (reader.field === TENSOR.name) meta.name = reader.text();
    else if (reader.field === TENSOR.dtype) meta.dtype = reader.integer();
    else if (reader.field === TENSOR.slice) meta.slices += 1;
    else if (reader.field === TENSOR.shape) shape = readShape(reader.message('shape'));
  }
  return { ...meta, shape };
}

function readSlice(reader: MessageReader): { readonly name: string; readonly tensor?: Uint8Array } {
  let name = '';
  let tensor: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === DATA.name) name = reader.text();
    else if (reader.field === DATA.tensor) tensor = reader.content();
  }
  return tensor ? { name, tensor } : { name };
}

/** @returns undefined for numbers of another type than the weights' */
function toTensor(
  name: string,
  { dtype, shape, slices }: TensorMeta,
  stored: Uint8Array | undefined,
  place: string,
): FileTensor | undefined {
  const where = `${place}, variable ${quoteName(name)}`;
  const type = elementTypeOf(dtype);
  const field = type && VALUES.get(type);
  if (!type || field === undefined) return undefined;
  if (slices > 1) {
    throw unsupportedFile(
      where,
      `it is stored in ${slices} pieces (a partitioned variable)`,
      'Load the checkpoint in TensorFlow and save it without a partitioner.',
    );
  }
  if (!stored) {
    throw damagedFile(where, 'its numbers are not in the file', {
      hint: 'Is it one of several, "…-00000-of-00002"? These are not read: save the checkpoint anew.',
    });
  }
  const bytes = readPacked(stored, field);
  const expected = sizeOf(shape) * ELEMENT_BYTES[type];
  if (bytes.length === expected) return createFileTensor({ type, shape, bytes }, where);
  throw damagedFile(where, `it should have ${expected} bytes, but has ${bytes.length}`);
}

function readPacked(tensor: Uint8Array, field: number): Uint8Array {
  const reader = MessageReader.open(tensor, WHAT);
  let bytes: Uint8Array = new Uint8Array();
  while (reader.next()) if (reader.field === field) bytes = reader.content();
  return bytes;
}
