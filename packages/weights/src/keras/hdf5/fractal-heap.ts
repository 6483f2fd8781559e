import { ByteReader } from '../../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { checkChecksum } from './checksum.ts';
import {
  bytesFor,
  checkSignature,
  checkVersion,
  type Hdf5File,
  readAddress,
  readLength,
  readUnsigned,
} from './hdf5-file.ts';
import { MAX_TREE_DEPTH } from './limits.ts';

/** Where objects of all sizes lie that an index of a group points to. */
export interface FractalHeap {
  /** The object of a heap id, as a view. */
  find(id: Uint8Array): Uint8Array;
}

/** A table of blocks, whose sizes double from row to row. */
interface BlockTable {
  readonly place: string;
  readonly width: number;
  readonly startBytes: number;
  readonly maxDirectBytes: number;
  /** Bytes of an offset inside the heap, and of an object's length. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly rootAddress: number | null;
  /** 0 where the root is a block itself. */
  readonly rootRows: number;
}

/** The object that an id means: its place in the heap. */
interface HeapObject {
  readonly offset: number;
  readonly length: number;
}

/**
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED` for heaps that are compressed
 * @see HDF5 File Format Specification Version 3.0, III.G
 */
export function openFractalHeap(file: Hdf5File, address: number): FractalHeap {
  const table = readTable(file, address);
  return {
    find: (id) => {
      const reader = new ByteReader(id, `${table.place}, an id`);
      const kind = (reader.uint8('the kind') >> 4) & 3;
      if (kind === 2) return reader.take(((id[0] ?? 0) & 0xf) + 1, 'the object');
      if (kind !== 0) {
        const hint = 'Save it with h5py without libver.';
        throw unsupportedFile(table.place, 'it holds an attribute of more than 4 kB', hint);
      }
      const offset = readUnsigned(reader, table.offsetBytes, 'the offset');
      const length = readUnsigned(reader, table.lengthBytes, 'the length');
      return findObject(file, table, { offset, length });
    },
  };
}

function readTable(file: Hdf5File, address: number): BlockTable {
  const fixedBytes = 22 + 3 * file.offsetBytes + 12 * file.lengthBytes;
  const reader = file.open(address, fixedBytes + 4, 'a fractal heap');
  const { place } = reader;
  checkSignature(reader, 'FRHP');
  checkVersion(reader, [0]);
  reader.skip(2, 'the length of an id');
  if (reader.uint16('the filters') > 0) {
    throw unsupportedFile(place, 'it is compressed', 'Save it again without compression.');
  }
  reader.skip(1, 'flags');
  const maxObjectBytes = reader.uint32('the largest object');
  reader.skip(2 * file.offsetBytes + 10 * file.lengthBytes, 'counts');
  const width = reader.uint16('the width');
  const startBytes = readLength(file, reader, 'the first block');
  const maxDirectBytes = readLength(file, reader, 'the largest block');
  const offsetBytes = Math.ceil(reader.uint16('the size of the heap') / 8);
  reader.skip(2, 'rows');
  const rootAddress = readAddress(file, reader, 'the root');
  const rootRows = reader.uint16('rows of the root');
  checkChecksum(reader);
  const isSquare = isPowerOf2(width) && isPowerOf2(startBytes) && isPowerOf2(maxDirectBytes);
  if (!isSquare || maxDirectBytes < startBytes || offsetBytes > 8) {
    const sizes = `${width} blocks of ${startBytes} to ${maxDirectBytes} bytes`;
    throw damagedFile(place, `it has rows of ${sizes}, which are no powers of two`);
  }
  const lengthBytes = Math.min(bytesFor(maxDirectBytes - 1), bytesFor(maxObjectBytes));
  return {
    place,
    width,
    startBytes,
    maxDirectBytes,
    offsetBytes,
    lengthBytes,
    rootAddress,
    rootRows,
  };
}

function findObject(file: Hdf5File, table: BlockTable, { offset, length }: HeapObject): Uint8Array {
  const { place, startBytes, maxDirectBytes, width, rootAddress } = table;
  if (rootAddress === null) throw damagedFile(place, 'an id points into a heap without blocks');
  let address = rootAddress;
  let isDirect = table.rootRows === 0;
  let rows = table.rootRows;
  let blockBytes = startBytes;
  let inside = offset;
  for (let depth = 0; !isDirect; depth += 1) {
    const rowBytes = startBytes * width;
    const row = inside < rowBytes ? 0 : Math.floor(Math.log2(inside / rowBytes)) + 1;
    const rowStart = row === 0 ? 0 : rowBytes * 2 ** (row - 1);
    blockBytes = row === 0 ? startBytes : startBytes * 2 ** (row - 1);
    const column = Math.floor((inside - rowStart) / blockBytes);
    if (row >= rows || depth > MAX_TREE_DEPTH) {
      throw damagedFile(place, `an id points to byte ${offset}, behind its blocks`);
    }
    address = readChild(file, table, { address, index: row * width + column });
    inside -= rowStart + column * blockBytes;
    isDirect = blockBytes <= maxDirectBytes;
    rows = Math.log2(blockBytes / rowBytes) + 1;
  }
  checkSignature(file.open(address, 4, 'a block of a heap'), 'FHDB');
  if (inside + length > blockBytes) {
    throw damagedFile(
      place,
      `an object of ${length} bytes at ${inside} leaves its block of ${blockBytes}`,
    );
  }
  file.spend(length, 'an object of a heap');
  return file.view(address + inside, length, 'an object of a heap');
}

/** The address of a child of an indirect block. */
function readChild(
  file: Hdf5File,
  { place, offsetBytes }: BlockTable,
  { address, index }: { readonly address: number; readonly index: number },
): number {
  checkSignature(file.open(address, 4, 'a block of a heap'), 'FHIB');
  const headBytes = 5 + file.offsetBytes + offsetBytes;
  const at = address + headBytes + index * file.offsetBytes;
  const child = readAddress(file, file.open(at, file.offsetBytes, 'a block of a heap'), 'a block');
  if (child !== null) return child;
  throw damagedFile(place, 'an id points to a block that is not there');
}

function isPowerOf2(value: number): boolean {
  return value > 0 && Number.isInteger(Math.log2(value));
}
