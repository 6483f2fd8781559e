import type { ByteReader } from '../../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { checkVersion, type Hdf5File, readAddress, readLength, readUnsigned } from './hdf5-file.ts';
import { MAX_RANK } from './limits.ts';

/** Where the elements of a dataset lie. */
export type Hdf5Layout =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  /** In one stretch; null if none was ever made. */
  | {
      readonly kind: 'contiguous';
      readonly address: number | null;
      readonly sizeBytes: number | null;
    }
  | {
      readonly kind: 'chunked';
      readonly chunkShape: readonly number[];
      readonly index: ChunkIndex;
    };

/** How chunks are found. */
export type ChunkIndex =
  | { readonly kind: 'b-tree'; readonly address: number | null }
  /** One chunk, with its packed size and the filters left out where there are filters. */
  | {
      readonly kind: 'single';
      readonly address: number | null;
      readonly sizeBytes: number | null;
      readonly skipped: number;
    }
  /** One behind another. */
  | { readonly kind: 'implicit'; readonly address: number | null }
  | { readonly kind: 'fixed-array'; readonly address: number | null };

const INLINE = 0;
const CONTIGUOUS = 1;
const CHUNKED = 2;
const VIRTUAL = 3;

const SAVE_PLAINLY = 'Save it with h5py without libver and without chunks.';

/**
 * @throws {@link AlexNetError} `INVALID_MODEL`; `UNSUPPORTED` for virtual datasets, whose elements lie in other
 *   files, and for rare ways to find chunks
 * @see HDF5 File Format Specification Version 3.0, IV.A.2.i
 */
export function readLayout(file: Hdf5File, reader: ByteReader): Hdf5Layout {
  const version = checkVersion(reader, [1, 2, 3, 4, 5]);
  if (version < 3) return readVersion1(file, reader);
  const kind = reader.uint8('the kind of layout');
  switch (kind) {
    case INLINE: {
      return { kind: 'inline', bytes: reader.take(reader.uint16('the size'), 'the elements') };
    }
    case CONTIGUOUS: {
      const address = readAddress(file, reader, 'the elements');
      return { kind: 'contiguous', address, sizeBytes: readLength(file, reader, 'the size') };
    }
    case CHUNKED:
      return version === 3 ? readVersion3Chunks(file, reader) : readVersion4Chunks(file, reader);
    case VIRTUAL: {
      const reason =
        'it is a virtual dataset: its elements lie in other files, which are never opened';
      throw unsupportedFile(reader.place, reason, 'Save it with its elements in it.');
    }
    default:
      throw damagedFile(reader.place, `a layout of kind ${kind}, not 0 to 3`);
  }
}

function readVersion1(file: Hdf5File, reader: ByteReader): Hdf5Layout {
  const rank = reader.uint8('the number of axes');
  const kind = reader.uint8('the kind of layout');
  reader.skip(5, 'reserved bytes');
  const address = kind === INLINE ? null : readAddress(file, reader, 'the elements');
  const shape = readChunkShape(reader, rank, 4);
  if (kind === CONTIGUOUS) return { kind: 'contiguous', address, sizeBytes: null };
  if (kind === CHUNKED) {
    return { kind: 'chunked', chunkShape: shape.slice(0, -1), index: { kind: 'b-tree', address } };
  }
  if (kind !== INLINE) throw damagedFile(reader.place, `a layout of kind ${kind}, not 0 to 2`);
  return { kind: 'inline', bytes: reader.take(reader.uint32('the size'), 'the elements') };
}

/** The last axis is an element's size. */
function readVersion3Chunks(file: Hdf5File, reader: ByteReader): Hdf5Layout {
  const rank = reader.uint8('the number of axes');
  const address = readAddress(file, reader, 'the chunks');
  const shape = readChunkShape(reader, rank, 4);
  return { kind: 'chunked', chunkShape: shape.slice(0, -1), index: { kind: 'b-tree', address } };
}

function readVersion4Chunks(file: Hdf5File, reader: ByteReader): Hdf5Layout {
  const flags = reader.uint8('flags');
  const rank = reader.uint8('the number of axes');
  const sizeBytes = reader.uint8('the size of a length');
  const chunkShape = readChunkShape(reader, rank, sizeBytes).slice(0, -1);
  const index = readVersion4Index(file, reader, flags);
  return { kind: 'chunked', chunkShape, index };
}

function readVersion4Index(file: Hdf5File, reader: ByteReader, flags: number): ChunkIndex {
  const kind = reader.uint8('the kind of index');
  switch (kind) {
    case 1: {
      const isFiltered = (flags & 2) !== 0;
      const sizeBytes = isFiltered ? readLength(file, reader, 'the packed size') : null;
      const skipped = isFiltered ? reader.uint32('filters left out') : 0;
      return {
        kind: 'single',
        address: readAddress(file, reader, 'the chunk'),
        sizeBytes,
        skipped,
      };
    }
    case 2:
      return { kind: 'implicit', address: readAddress(file, reader, 'the chunks') };
    case 3:
      reader.skip(1, 'bits of a page');
      return { kind: 'fixed-array', address: readAddress(file, reader, 'the index') };
    default: {
      const reason = 'its chunks are found by an index that is not read (datasets that can grow)';
      throw unsupportedFile(reader.place, reason, SAVE_PLAINLY);
    }
  }
}

function readChunkShape(reader: ByteReader, rank: number, sizeBytes: number): readonly number[] {
  if (rank > MAX_RANK + 1 || sizeBytes < 1 || sizeBytes > 8) {
    throw damagedFile(reader.place, `a chunk has ${rank} axes of ${sizeBytes} bytes each`);
  }
  return Array.from({ length: rank }, () => readUnsigned(reader, sizeBytes, 'a length of a chunk'));
}
