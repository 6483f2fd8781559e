import { formatShape, type Shape, sizeOf } from '@alexnet/core';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { readChunks } from './chunks.ts';
import { readDataspace } from './dataspace.ts';
import { type Hdf5Type, readDatatype } from './datatype.ts';
import { type Hdf5Filter, readFilters } from './filters.ts';
import type { Hdf5File } from './hdf5-file.ts';
import { type Hdf5Layout, readLayout } from './layout.ts';
import { findMessage, type Hdf5Object, MessageType, openMessage } from './object-header.ts';

/** An array of an HDF5 file. */
export interface Hdf5Dataset {
  readonly shape: Shape;
  readonly type: Hdf5Type;
  /** Its elements, row by row: a view of the file where they lie in one stretch. */
  readonly bytes: Uint8Array;
}

export function isDataset(object: Hdf5Object): boolean {
  return findMessage(object, MessageType.layout) !== undefined;
}

/**
 * Reads a dataset; only chunks are copied.
 *
 * @param name - which dataset, for messages: `dataset "conv1/kernel"`
 * @throws {@link AlexNetError} `INVALID_MODEL` where its elements do not lie in the file; `UNSUPPORTED` where
 *   they lie in another one, which is never opened
 */
export async function readDataset(
  file: Hdf5File,
  object: Hdf5Object,
  name: string,
): Promise<Hdf5Dataset> {
  const place = `${file.place}, ${name}`;
  const find = (type: number, what: string) => {
    const message = findMessage(object, type);
    if (message) return openMessage({ ...message, place });
    throw damagedFile(place, `${what} is missing`);
  };
  if (findMessage(object, MessageType.externalFiles)) {
    const reason = 'its elements lie in other files, which are never opened';
    throw unsupportedFile(place, reason, 'Save it with its elements in it.');
  }
  const shape = readDataspace(file, find(MessageType.dataspace, 'the shape'));
  const type = readDatatype(find(MessageType.datatype, 'the type'));
  const layout = readLayout(file, find(MessageType.layout, 'the layout'));
  const filters = findMessage(object, MessageType.filters)
    ? readFilters(find(MessageType.filters, 'the filters'))
    : [];
  const bytes = await readElements(file, { shape, type, layout, filters, name, place });
  return { shape, type, bytes };
}

interface ElementPlan {
  readonly shape: Shape;
  readonly type: Hdf5Type;
  readonly layout: Hdf5Layout;
  readonly filters: readonly Hdf5Filter[];
  readonly name: string;
  readonly place: string;
}

async function readElements(
  file: Hdf5File,
  { shape, type, layout, filters, name, place }: ElementPlan,
): Promise<Uint8Array> {
  const { sizeBytes: elementBytes } = type;
  const sizeBytes = sizeOf(shape) * elementBytes;
  if (elementBytes < 1 || !Number.isSafeInteger(sizeBytes)) {
    throw damagedFile(
      place,
      `${formatShape(shape)} elements of ${elementBytes} bytes fit into no file`,
    );
  }
  if (sizeBytes === 0) return file.bytes.subarray(0, 0);
  switch (layout.kind) {
    case 'inline':
      return take(layout.bytes, sizeBytes, place);
    case 'contiguous': {
      const { address } = layout;
      if (address === null) {
        throw damagedFile(place, `it has the shape ${formatShape(shape)}, but no elements`);
      }
      const stored = layout.sizeBytes ?? sizeBytes;
      const found = take(file.view(address, stored, name), sizeBytes, place);
      file.spendStored(sizeBytes, name);
      return found;
    }
    case 'chunked': {
      const { chunkShape, index } = layout;
      return readChunks(file, { shape, chunkShape, elementBytes, filters, index, name, place });
    }
    default:
      return layout satisfies never;
  }
}

function take(stored: Uint8Array, sizeBytes: number, place: string): Uint8Array {
  if (stored.length >= sizeBytes) return stored.subarray(0, sizeBytes);
  throw damagedFile(place, `it needs ${sizeBytes} bytes, but ${stored.length} are stored`);
}
