import { ByteReader } from '../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import type { DirectoryEntry } from './directory.ts';
import {
  DATA_DESCRIPTOR,
  DEFLATED,
  FLAG_DESCRIPTOR,
  FLAG_ENCRYPTED,
  FLAG_MASKED_HEADERS,
  FLAG_PATCH,
  FLAG_STRONG_ENCRYPTION,
  IN_ZIP64_32,
  LOCAL_HEADER,
  STORED,
} from './signatures.ts';
import { readZip64 } from './zip64.ts';

const ENCRYPTED = FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS;

/** Where an entry lies. */
export interface EntryExtent {
  readonly name: string;
  /** Of its local header. */
  readonly begin: number;
  readonly dataBegin: number;
  /** Behind its data, and the descriptor that may follow it. */
  readonly end: number;
}

/**
 * Reads an entry's local header, which must say what the directory says, and its data descriptor.
 *
 * @param limit - where the directory begins
 * @throws {@link AlexNetError} `INVALID_MODEL` where they differ, `UNSUPPORTED`: encryption, other methods
 */
export function locateEntry(
  bytes: Uint8Array,
  entry: DirectoryEntry,
  { place, limit }: { readonly place: string; readonly limit: number },
): EntryExtent {
  checkKind(entry, place);
  const reader = new ByteReader(bytes.subarray(0, limit), place);
  reader.seek(entry.headerOffset, 'the local header');
  if (reader.uint32('local header') !== LOCAL_HEADER) {
    throw damagedFile(place, `there is no local header at byte ${entry.headerOffset}`);
  }
  const compare = (field: string, here: number, there: number) => {
    if (here === there) return;
    throw damagedFile(place, `its ${field} is ${here} here, but ${there} in the directory`);
  };
  reader.skip(2, 'version');
  const flags = reader.uint16('flags');
  compare('encryption', flags & ENCRYPTED, entry.flags & ENCRYPTED);
  compare('method', reader.uint16('method'), entry.method);
  reader.skip(4, 'time');
  const checksum = reader.uint32('checksum');
  const packed = reader.uint32('packed size');
  const size = reader.uint32('size');
  const nameLength = reader.uint16('length of the name');
  const extraLength = reader.uint16('length of the extra field');
  const name = reader.take(nameLength, 'name');
  const extra = reader.take(extraLength, 'extra field');
  if (!isSame(name, entry.nameBytes)) {
    throw damagedFile(place, 'its local header has another name than the directory');
  }
  const dataBegin = reader.offset;
  reader.skip(entry.packedBytes, 'its data');
  const isLater = (flags & FLAG_DESCRIPTOR) !== 0;
  const [sizeHere = 0, packedHere = 0] =
    isLater && size === 0 && packed === 0
      ? [0, 0]
      : readSizes(extra, [size, packed], place, isLater);
  if (!isLater || checksum !== 0) compare('checksum', checksum, entry.checksum);
  if (!isLater || packedHere !== 0) compare('packed size', packedHere, entry.packedBytes);
  if (!isLater || sizeHere !== 0) compare('size', sizeHere, entry.sizeBytes);
  const end = isLater ? skipDescriptor(reader, entry) : reader.offset;
  return { name: entry.name, begin: entry.headerOffset, dataBegin, end };
}

function checkKind(entry: DirectoryEntry, place: string): void {
  if (entry.flags & ENCRYPTED) {
    throw unsupportedFile(
      place,
      'it is encrypted',
      'Unpack it and pack it again without a password.',
    );
  }
  const isKnown = entry.method === STORED || entry.method === DEFLATED;
  if (!isKnown || entry.flags & FLAG_PATCH) {
    throw unsupportedFile(
      place,
      `it is packed by method ${entry.method}; stored (0) and deflated (8) entries are read`,
      'Unpack it and pack it again with zip.',
    );
  }
  if (entry.method === STORED && entry.packedBytes !== entry.sizeBytes) {
    throw damagedFile(
      place,
      `it is stored in ${entry.packedBytes} bytes, but its size is said to be ${entry.sizeBytes}`,
    );
  }
}

/** Writers of a stream may leave "in zip64" without a zip64 field: the descriptor has the sizes then. */
function readSizes(
  extra: Uint8Array,
  sizes: readonly number[],
  place: string,
  isLater: boolean,
): readonly number[] {
  if (!isLater) return readZip64(extra, sizes, place);
  return sizes.map((size) => (size === IN_ZIP64_32 ? 0 : size));
}

/** The descriptor has a signature or not, and sizes of four or of eight bytes: nothing says which. */
function skipDescriptor(reader: ByteReader, entry: DirectoryEntry): number {
  const begin = reader.offset;
  for (const signatureBytes of [4, 0]) {
    for (const sizeBytes of [4, 8]) {
      const length = signatureBytes + 4 + 2 * sizeBytes;
      reader.seek(begin, 'the data descriptor');
      if (reader.remaining < length) continue;
      if (signatureBytes > 0 && reader.uint32('signature') !== DATA_DESCRIPTOR) continue;
      const readSize = () => (sizeBytes === 4 ? reader.uint32('size') : reader.uint64('size'));
      const isSameEntry =
        reader.uint32('checksum') === entry.checksum &&
        readSize() === entry.packedBytes &&
        readSize() === entry.sizeBytes;
      if (isSameEntry) return begin + length;
    }
  }
  throw damagedFile(
    reader.place,
    `its data descriptor at byte ${begin} is not what the directory says`,
  );
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
