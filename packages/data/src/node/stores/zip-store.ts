import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import { toSystemError } from '../system-error.ts';
import {
  emptyAmong,
  type FileListing,
  type FileStore,
  isHidden,
  type SkippedFile,
  type StoredFile,
} from './file-store.ts';
import { readPart } from './folder-store.ts';
import { PackedEntries, type PackedEntry } from './packed-entries.ts';
import { PathTableBuilder } from './path-table.ts';
import { SortedPaths } from './sorted-paths.ts';
import { loadYauzl, type YauzlModule, type ZipEntry } from './yauzl.ts';
import { createBlockReader } from './zip-block-reader.ts';

const inflate = promisify(inflateRaw);

const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x04034b50;
/** Unpacked for each packed byte, at most, in entries that are larger than {@link SMALL_BYTES}: pictures hardly shrink. */
const MAX_RATIO = 200;
const SMALL_BYTES = 2 ** 20;
/** In the upper half of an entry's attributes, where a Unix wrote it: what kind of file it is. */
const FILE_TYPE = 0o170000;
const LINK = 0o120000;

/** Where the files of an archive stand in it, in the order of `paths`. */
interface ZipIndex {
  readonly listing: FileListing;
  entryOf(index: number): PackedEntry;
}

/**
 * A zip archive, read without unpacking: its directory is held in memory, files are read when asked for.
 *
 * What two programs might see differently is refused: names twice, names that lead out, entries that overlap,
 * sizes that the entry's own header denies, contents that are not what the checksum is of.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` saying what is wrong with the archive, `NOT_FOUND`, `IO`
 */
export async function openZipStore(path: string): Promise<FileStore> {
  const index = await readDirectory(path);
  const nameOf = (file: string) => `${toPrintable(path)}/${toPrintable(file)}`;
  return {
    path,
    kind: 'zip',
    notes: [`${toPrintable(path)} is a zip archive; it is read without unpacking.`],
    nameOf,
    list: async () => index.listing,
    find: async (file) => {
      const place = index.listing.paths.indexOf(file);
      if (place < 0) throw missing(nameOf(file));
      return toStoredFile(path, nameOf(file), index.entryOf(place));
    },
  };
}

function toStoredFile(path: string, name: string, entry: PackedEntry): StoredFile {
  const read = () => readEntry(path, name, entry);
  return {
    name,
    sizeBytes: entry.sizeBytes,
    read,
    readHead: async (lengthBytes) => (await read()).subarray(0, lengthBytes),
  };
}

async function readDirectory(path: string): Promise<ZipIndex> {
  const yauzl = await loadYauzl();
  const file = await open(path).catch((error: unknown) => {
    throw toSystemError(error, path);
  });
  try {
    const { size } = await file.stat();
    const reader = createBlockReader(yauzl.RandomAccessReader, file);
    const zip = await yauzl.fromRandomAccessReaderPromise(reader, size, {
      autoClose: false,
      lazyEntries: true,
      decodeStrings: false,
    });
    return await collect(zip.eachEntry(), path, yauzl);
  } catch (cause) {
    if (isAlexNetError(cause)) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw damaged(toPrintable(path), problem.replace(/\.$/, ''), cause);
  } finally {
    await file.close();
  }
}

async function collect(
  found: AsyncIterable<ZipEntry>,
  path: string,
  yauzl: YauzlModule,
): Promise<ZipIndex> {
  const builder = new PathTableBuilder();
  const entries = new PackedEntries();
  /** Which entry each name of the builder is of. */
  const rows: number[] = [];
  const skipped: SkippedFile[] = [];
  const folders: string[] = [];
  for await (const entry of found) {
    entries.add(pack(entry));
    const name = readName(entry, yauzl);
    if (isHidden(name)) continue;
    const reason = whyNot(entry);
    if (name.endsWith('/')) folders.push(name.slice(0, -1));
    else if (reason !== null)
      skipped.push({ path: name, reason: `${toPrintable(name)} ${reason}.` });
    else {
      builder.add(name);
      rows.push(entries.length - 1);
    }
  }
  checkOverlap(entries, path);
  const table = builder.build();
  const order = table.order();
  const paths = new SortedPaths(table.select(order));
  const twice = paths.findTwice();
  if (twice !== null) {
    throw damaged(toPrintable(path), `it has two entries of the name ${toPrintable(twice)}`);
  }
  return {
    listing: { paths, emptyFolders: emptyAmong(folders, paths), skipped },
    entryOf: (place) => entries.at(rows[order[place] ?? -1] ?? -1),
  };
}

/**
 * The name of an entry. Letters of ASCII are themselves, where yauzl would show control characters as IBM's
 * code page 437 did; for all others it knows best.
 *
 * @throws Error for a name that leads out of the archive
 */
function readName(entry: ZipEntry, yauzl: YauzlModule): string {
  const raw = entry.fileNameRaw;
  const name = raw.every((byte) => byte < 128)
    ? raw.toString('latin1')
    : yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, true);
  const problem = name.includes('\\')
    ? 'invalid characters in fileName: backslash'
    : yauzl.validateFileName(name);
  if (problem !== null) throw new Error(toPrintable(problem));
  return name;
}

function pack(entry: ZipEntry): PackedEntry {
  return {
    offset: entry.relativeOffsetOfLocalHeader,
    packedBytes: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    crc: entry.crc32,
    method: entry.compressionMethod,
    nameBytes: entry.fileNameLength,
  };
}

function whyNot(entry: ZipEntry): string | null {
  const { compressionMethod: method, uncompressedSize, compressedSize } = entry;
  if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === LINK) return 'is a link';
  if (entry.isEncrypted()) return 'is encrypted';
  if (method !== STORED && method !== DEFLATED)
    return `is packed by method ${method}; stored and deflated entries are read`;
  if (uncompressedSize > SMALL_BYTES && uncompressedSize > MAX_RATIO * compressedSize) {
    return `would grow from ${compressedSize} to ${uncompressedSize} bytes, more than ${MAX_RATIO} times`;
  }
  return null;
}

/** @throws {@link AlexNetError} `INVALID_DATASET` */
function checkOverlap(entries: PackedEntries, path: string): void {
  let end = 0;
  for (const index of entries.orderByOffset()) {
    const { offset, nameBytes, packedBytes } = entries.at(index);
    if (offset < end) {
      throw damaged(
        toPrintable(path),
        `entries overlap: one ends at byte ${end}, the next one begins at ${offset}`,
      );
    }
    end = offset + LOCAL_HEADER_BYTES + nameBytes + packedBytes;
  }
}

async function readEntry(path: string, name: string, entry: PackedEntry): Promise<Uint8Array> {
  const { offset, packedBytes, sizeBytes, crc, method } = entry;
  const header = await readPart(path, { offset, lengthBytes: LOCAL_HEADER_BYTES });
  const start = offset + LOCAL_HEADER_BYTES + checkLocalHeader(header, name, entry);
  const packed = await readPart(path, { offset: start, lengthBytes: packedBytes });
  if (packed.length < packedBytes) {
    throw unreadable(name, `the archive ends ${packedBytes - packed.length} bytes too early`);
  }
  let bytes = packed;
  if (method === DEFLATED) {
    try {
      // One byte more than promised is enough to see that there is more.
      const unpacked = await inflate(packed, { maxOutputLength: sizeBytes + 1 });
      bytes = new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
    } catch (cause) {
      throw unreadable(name, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }
  if (bytes.length !== sizeBytes) {
    throw unreadable(name, `it has ${bytes.length} bytes where the directory says ${sizeBytes}`);
  }
  if (crc32(bytes) !== crc) throw unreadable(name, 'its checksum is wrong');
  return bytes;
}

/** @returns the bytes of name and extra fields */
function checkLocalHeader(header: Uint8Array, name: string, entry: PackedEntry): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== LOCAL_HEADER) {
    throw unreadable(name, 'no entry begins where the directory says');
  }
  const isStreamed = (view.getUint16(6, true) & 8) !== 0;
  const [packedBytes, sizeBytes] = [view.getUint32(18, true), view.getUint32(22, true)];
  const isZip64 = packedBytes === 0xffffffff || sizeBytes === 0xffffffff;
  const isAlike = packedBytes === entry.packedBytes && sizeBytes === entry.sizeBytes;
  if (view.getUint16(8, true) !== entry.method || !(isAlike || isStreamed || isZip64)) {
    throw unreadable(
      name,
      `its header promises ${sizeBytes} bytes of ${packedBytes}, the directory ${entry.sizeBytes} of ${entry.packedBytes}`,
    );
  }
  return view.getUint16(26, true) + view.getUint16(28, true);
}

function missing(name: string): AlexNetError {
  return new AlexNetError('NOT_FOUND', {
    message: `${name} does not exist.`,
    hint: 'Check the path in the archive.',
    path: [name],
  });
}

/** One entry: the others can be gone on with. */
function unreadable(name: string, problem: string, cause?: unknown): AlexNetError {
  return new AlexNetError('INVALID_PICTURE', {
    message: `${name} cannot be unpacked: ${problem}.`,
    hint: 'Fetch the archive again, or test it: unzip -t',
    path: [name],
    cause,
  });
}

function damaged(name: string, problem: string, cause?: unknown): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} is a zip archive that is not read: ${problem}.`,
    hint: 'Fetch it again, or pack it anew: zip -r photos.zip photos',
    path: [name],
    cause,
  });
}
