import { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';
import { quoteName } from '../../quote-name.ts';
import { readTreeRecords } from './b-tree-2.ts';
import { openFractalHeap } from './fractal-heap.ts';
import { type Hdf5File, needAddress, readAddress, readUnsigned } from './hdf5-file.ts';
import { MAX_NAME_BYTES } from './limits.ts';
import type { Hdf5Link, NamedLink } from './link.ts';
import { findMessage, type Hdf5Object, MessageType, openMessage } from './object-header.ts';
import { readSymbolTable } from './symbol-table.ts';

const HARD = 0;
const SOFT = 1;
const EXTERNAL = 64;
/** Bytes of a hash before the id of a link in an index by name. */
const NAME_HASH_BYTES = 4;

/**
 * The names in a group: in the order in which they were made where the group keeps it, else in the order in which
 * what they stand for lies in the file, which mostly is the same.
 *
 * @returns null if the object is no group
 * @throws {@link AlexNetError} `INVALID_MODEL`, also for a name that stands twice
 * @see HDF5 File Format Specification Version 3.0, IV.A.2.c, IV.A.2.g, IV.A.2.r
 */
export function readLinks(
  file: Hdf5File,
  object: Hdf5Object,
): ReadonlyMap<string, Hdf5Link> | null {
  const table = findMessage(object, MessageType.symbolTable);
  const info = findMessage(object, MessageType.linkInfo);
  const compact = object.messages.filter(({ type }) => type === MessageType.link);
  if (!table && !info && compact.length === 0) return null;
  const links: readonly NamedLink[] = [
    ...compact.map((message) => readLink(file, openMessage(message))),
    ...(info ? readDenseLinks(file, openMessage(info)) : []),
    ...(table ? readSymbolTable(file, openMessage(table)) : []),
  ].sort((a, b) => (a.order ?? placeOf(a.link)) - (b.order ?? placeOf(b.link)));
  const found = new Map<string, Hdf5Link>();
  for (const { name, link } of links) {
    if (found.has(name)) {
      throw damagedFile(
        file.place,
        `a group at byte ${object.address} has ${quoteName(name)} twice`,
      );
    }
    found.set(name, link);
  }
  return found;
}

/** Where an object lies stands for when it was made. */
function placeOf(link: Hdf5Link): number {
  return link.kind === 'object' ? link.address : 0;
}

/** Links of a group that has many: they lie in a heap, and a tree knows where. */
function readDenseLinks(file: Hdf5File, reader: ByteReader): readonly NamedLink[] {
  reader.skip(1, 'the version');
  const flags = reader.uint8('flags');
  if (flags & 1) reader.skip(8, 'the last creation order');
  const heapAddress = readAddress(file, reader, 'the heap');
  const indexAddress = readAddress(file, reader, 'the index');
  if (heapAddress === null || indexAddress === null) return [];
  const heap = openFractalHeap(file, heapAddress);
  return readTreeRecords(file, indexAddress).map((record) =>
    readLink(
      file,
      new ByteReader(heap.find(record.subarray(NAME_HASH_BYTES)), `${file.place}, a link`),
    ),
  );
}

function readLink(file: Hdf5File, reader: ByteReader): NamedLink {
  reader.skip(1, 'the version');
  const flags = reader.uint8('flags');
  const kind = flags & 0x08 ? reader.uint8('the kind of link') : HARD;
  const order = flags & 0x04 ? readUnsigned(reader, 8, 'the creation order') : null;
  if (flags & 0x10) reader.skip(1, 'the character set');
  const name = readText(reader, readUnsigned(reader, 2 ** (flags & 3), "a name's length"));
  return { name, order, link: readTarget(file, reader, kind) };
}

function readTarget(file: Hdf5File, reader: ByteReader, kind: number): Hdf5Link {
  if (kind === HARD) return { kind: 'object', address: needAddress(file, reader, 'the object') };
  if (kind !== SOFT && kind !== EXTERNAL) return { kind: 'foreign' };
  const target = readText(reader, reader.uint16("the target's length"));
  return { kind: kind === SOFT ? 'soft' : 'external', target };
}

function readText(reader: ByteReader, sizeBytes: number): string {
  if (sizeBytes > MAX_NAME_BYTES) {
    throw damagedFile(reader.place, `a name of ${sizeBytes} bytes: ${MAX_NAME_BYTES} is the limit`);
  }
  return new TextDecoder().decode(reader.take(sizeBytes, 'a name'));
}
