import { type Shape, sizeOf } from '@alexnet/core';
import { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';
import { quoteName } from '../../quote-name.ts';
import { readTreeRecords } from './b-tree-2.ts';
import { readDataspace } from './dataspace.ts';
import { type Hdf5Type, readDatatype } from './datatype.ts';
import { openFractalHeap } from './fractal-heap.ts';
import { readHeapText } from './global-heap.ts';
import { checkVersion, type Hdf5File, readAddress } from './hdf5-file.ts';
import { MAX_NAME_BYTES } from './limits.ts';
import { findMessage, type Hdf5Object, MessageType, openMessage } from './object-header.ts';

/** A small array that says something about a group or dataset. */
export interface Hdf5Attribute {
  readonly shape: Shape;
  readonly type: Hdf5Type;
  readonly bytes: Uint8Array;
  readonly place: string;
}

/** A type that stands in another object; Keras and h5py do not write any. */
const SHARED_TYPE: Hdf5Type = {
  kind: 'other',
  sizeBytes: 0,
  description: 'of a type kept elsewhere',
};

/** Bytes of an attribute's id in an index by name. */
const HEAP_ID_BYTES = 8;

/**
 * The attributes of a group or dataset, their values not read yet.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`
 * @see HDF5 File Format Specification Version 3.0, IV.A.2.m, IV.A.2.v
 */
export function readAttributes(
  file: Hdf5File,
  object: Hdf5Object,
): ReadonlyMap<string, Hdf5Attribute> {
  const found = new Map<string, Hdf5Attribute>();
  for (const message of object.messages) {
    if (message.type !== MessageType.attribute) continue;
    const { name, attribute } = readAttribute(file, openMessage(message));
    found.set(name, attribute);
  }
  const info = findMessage(object, MessageType.attributeInfo);
  if (info) {
    for (const bytes of findDenseAttributes(file, openMessage(info))) {
      const reader = new ByteReader(bytes, `${file.place}, an attribute`);
      const { name, attribute } = readAttribute(file, reader);
      found.set(name, attribute);
    }
  }
  return found;
}

/**
 * The texts that an attribute holds; none where it holds an empty list of anything.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, also where it holds something else
 */
export function readTexts(file: Hdf5File, attribute: Hdf5Attribute): readonly string[] {
  const { shape, type, bytes, place } = attribute;
  const count = sizeOf(shape);
  if (count === 0) return [];
  if (type.kind !== 'text' && type.kind !== 'heap-text') {
    const found = type.kind === 'number' ? type.type : type.description;
    throw damagedFile(place, `it should be text, but is ${found}`);
  }
  const { kind, sizeBytes } = type;
  if (sizeBytes < 1 || count * sizeBytes > bytes.length) {
    throw damagedFile(
      place,
      `${count} texts of ${sizeBytes} bytes are said to lie in ${bytes.length} bytes`,
    );
  }
  file.spend(0, 'a text', count);
  return Array.from({ length: count }, (_, index) => {
    const element = bytes.subarray(index * sizeBytes, (index + 1) * sizeBytes);
    if (kind === 'heap-text') return readHeapText(file, new ByteReader(element, place));
    return trimText(element);
  });
}

function findDenseAttributes(file: Hdf5File, reader: ByteReader): readonly Uint8Array[] {
  reader.skip(1, 'the version');
  const flags = reader.uint8('flags');
  if (flags & 1) reader.skip(2, 'the last creation order');
  const heapAddress = readAddress(file, reader, 'the heap');
  const indexAddress = readAddress(file, reader, 'the index');
  if (heapAddress === null || indexAddress === null) return [];
  const heap = openFractalHeap(file, heapAddress);
  return readTreeRecords(file, indexAddress).map((record) =>
    heap.find(record.subarray(0, HEAP_ID_BYTES)),
  );
}

function readAttribute(file: Hdf5File, reader: ByteReader) {
  const version = checkVersion(reader, [1, 2, 3]);
  const isShared = (reader.uint8('flags') & 1) === 1 && version > 1;
  const sizes = [
    reader.uint16('a size'),
    reader.uint16('a size'),
    reader.uint16('a size'),
  ] as const;
  if (version === 3) reader.skip(1, 'the character set');
  const [nameBytes, typeBytes, spaceBytes] = sizes;
  if (nameBytes > MAX_NAME_BYTES) {
    throw damagedFile(reader.place, `a name of ${nameBytes} bytes: ${MAX_NAME_BYTES} is the limit`);
  }
  const take = (sizeBytes: number, field: string) => {
    const part = reader.take(sizeBytes, field);
    const padding = version === 1 ? -sizeBytes & 7 : 0;
    reader.skip(Math.min(padding, reader.remaining), 'padding');
    return part;
  };
  const name = trimText(take(nameBytes, 'the name'));
  const place = `${file.place}, attribute ${quoteName(name)}`;
  const typeReader = new ByteReader(take(typeBytes, 'the type'), place);
  const type = isShared ? SHARED_TYPE : readDatatype(typeReader);
  const shape = readDataspace(file, new ByteReader(take(spaceBytes, 'the shape'), place));
  const bytes = reader.take(reader.remaining, 'the value');
  return { name, attribute: { shape, type, bytes, place } };
}

/** Up to the first zero, without spaces behind it. */
function trimText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).replace(/ +$/, '');
}
