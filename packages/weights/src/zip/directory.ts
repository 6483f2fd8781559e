import { ByteReader } from '../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import { checkName, decodeName } from './entry-name.ts';
import { MAX_ENTRIES } from './limits.ts';
import {
  DIRECTORY_HEADER,
  END_OF_DIRECTORY,
  IN_ZIP64_16,
  IN_ZIP64_32,
  ZIP64_END,
  ZIP64_LOCATOR,
} from './signatures.ts';
import { readZip64 } from './zip64.ts';

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const ZIP64_END_BYTES = 56;
const HEADER_BYTES = 46;
const MAX_COMMENT_BYTES = 0xffff;

/** Upper half of the external attributes: the kind of file in Unix' `st_mode`. */
const UNIX_KIND_MASK = 0xf000;
const UNIX_LINK = 0xa000;
const UNIX_HOST = 3;

/** What the directory says about an entry. */
export interface DirectoryEntry {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Of its local header. */
  readonly headerOffset: number;
}

export interface Directory {
  readonly entries: readonly DirectoryEntry[];
  /** Where it begins: entries end before. */
  readonly offset: number;
}

interface Extent {
  readonly count: number;
  readonly sizeBytes: number;
  readonly offset: number;
}

/**
 * Reads the directory at the end of an archive. It must lie right before its end record, which must end
 * the file: what other programs might take for another directory is refused.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`
 */
export function readDirectory(bytes: Uint8Array, place: string): Directory {
  const reader = new ByteReader(bytes, place);
  const { count, sizeBytes, offset } = findDirectory(reader);
  if (count > MAX_ENTRIES) {
    throw damagedFile(place, `it claims ${count} entries, more than the limit of ${MAX_ENTRIES}`);
  }
  if (count * HEADER_BYTES > sizeBytes) {
    throw damagedFile(place, `it claims ${count} entries in a directory of ${sizeBytes} bytes`);
  }
  reader.seek(offset, 'the directory');
  const entries = Array.from({ length: count }, () => readHeader(reader));
  if (reader.offset !== offset + sizeBytes) {
    throw damagedFile(
      place,
      `its directory of ${count} entries has ${reader.offset - offset} bytes, but ${sizeBytes} are declared`,
    );
  }
  return { entries, offset };
}

function findDirectory(reader: ByteReader): Extent {
  const end = findEnd(reader);
  reader.seek(end + 4, 'the end record');
  const disks = [reader.uint16('disk'), reader.uint16('disk of the directory')];
  const countHere = reader.uint16('entries on this disk');
  const count = reader.uint16('number of entries');
  const sizeBytes = reader.uint32('size of the directory');
  const offset = reader.uint32('offset of the directory');
  const zip64 = readZip64End(reader, end);
  const isOneDisk = disks.every((disk) => disk === 0 || (zip64 && disk === IN_ZIP64_16));
  if (!isOneDisk || countHere !== count) {
    throw unsupportedFile(
      reader.place,
      'it is one part of several',
      'Join the parts, or unpack and pack them again.',
    );
  }
  const choose = (field: string, own: number, marker: number, other: number | undefined) => {
    if (other === undefined || own === other) return own;
    if (own === marker) return other;
    throw damagedFile(
      reader.place,
      `its end records disagree on the ${field}: ${own} and ${other}`,
    );
  };
  const extent = {
    count: choose('number of entries', count, IN_ZIP64_16, zip64?.count),
    sizeBytes: choose('size of the directory', sizeBytes, IN_ZIP64_32, zip64?.sizeBytes),
    offset: choose('offset of the directory', offset, IN_ZIP64_32, zip64?.offset),
  };
  const begin = zip64?.begin ?? end;
  if (extent.offset + extent.sizeBytes !== begin) {
    throw damagedFile(
      reader.place,
      `its directory is said to lie at ${extent.offset}–${extent.offset + extent.sizeBytes}, but should end at ${begin}`,
    );
  }
  return extent;
}

/** The last end record whose comment ends with the file. */
function findEnd(reader: ByteReader): number {
  const { bytes } = reader;
  const first = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let offset = bytes.length - END_BYTES; offset >= first; offset -= 1) {
    if (bytes[offset] !== (END_OF_DIRECTORY & 0xff)) continue;
    reader.seek(offset, 'the end record');
    if (reader.uint32('signature') !== END_OF_DIRECTORY) continue;
    reader.skip(END_BYTES - 6, 'the end record');
    if (reader.uint16('length of the comment') === reader.remaining) return offset;
  }
  throw damagedFile(reader.place, 'it has no zip directory at its end');
}

/** The zip64 record, where a locator before the end record points to it. */
function readZip64End(
  reader: ByteReader,
  end: number,
): (Extent & { readonly begin: number }) | undefined {
  if (end < LOCATOR_BYTES) return undefined;
  reader.seek(end - LOCATOR_BYTES, 'the zip64 locator');
  if (reader.uint32('signature') !== ZIP64_LOCATOR) return undefined;
  reader.skip(4, 'disk of the zip64 record');
  const begin = reader.uint64('offset of the zip64 record');
  reader.seek(begin, 'the zip64 record');
  const signature = reader.uint32('signature of the zip64 record');
  const length = reader.uint64('length of the zip64 record');
  if (signature !== ZIP64_END || begin + 12 + length !== end - LOCATOR_BYTES) {
    throw damagedFile(reader.place, `there is no zip64 record at byte ${begin}`);
  }
  if (12 + length < ZIP64_END_BYTES) {
    throw damagedFile(reader.place, `its zip64 record has only ${12 + length} bytes`);
  }
  reader.skip(12, 'versions and disks');
  const countHere = reader.uint64('entries on this disk');
  const count = reader.uint64('number of entries');
  if (countHere !== count) {
    throw damagedFile(reader.place, `its zip64 record says ${countHere} entries and ${count}`);
  }
  const sizeBytes = reader.uint64('size of the directory');
  return { begin, count, sizeBytes, offset: reader.uint64('offset of the directory') };
}

function readHeader(reader: ByteReader): DirectoryEntry {
  const at = reader.offset;
  if (reader.uint32('directory header') !== DIRECTORY_HEADER) {
    throw damagedFile(reader.place, `there is no directory header at byte ${at}`);
  }
  reader.skip(1, 'version');
  const host = reader.uint8('host');
  reader.skip(2, 'version');
  const flags = reader.uint16('flags');
  const method = reader.uint16('method');
  reader.skip(4, 'time');
  const checksum = reader.uint32('checksum');
  const packed = reader.uint32('packed size');
  const size = reader.uint32('size');
  const nameLength = reader.uint16('length of the name');
  const extraLength = reader.uint16('length of the extra field');
  const commentLength = reader.uint16('length of the comment');
  reader.skip(4, 'disk and internal attributes');
  const attributes = reader.uint32('external attributes');
  const offset = reader.uint32('offset');
  const nameBytes = reader.take(nameLength, 'name');
  const extra = reader.take(extraLength, 'extra field');
  reader.skip(commentLength, 'comment');
  const name = decodeName(nameBytes, reader.place);
  checkName(name, reader.place);
  if (host === UNIX_HOST && ((attributes >>> 16) & UNIX_KIND_MASK) === UNIX_LINK) {
    throw damagedFile(reader.place, `entry ${quoteName(name)} is a link`);
  }
  const place = `${reader.place}, entry ${quoteName(name)}`;
  const [sizeBytes = 0, packedBytes = 0, headerOffset = 0] = readZip64(
    extra,
    [size, packed, offset],
    place,
  );
  return { name, nameBytes, flags, method, checksum, packedBytes, sizeBytes, headerOffset };
}
