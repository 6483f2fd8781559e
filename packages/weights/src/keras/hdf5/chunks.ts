import { formatShape, type Shape, sizeOf } from '@alexnet/core';
import { ByteReader } from '../../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { readTreeLeaves } from './b-tree-1.ts';
import { checkChecksum } from './checksum.ts';
import { type Hdf5Filter, unpackChunk } from './filters.ts';
import {
  checkSignature,
  checkVersion,
  type Hdf5File,
  needAddress,
  readAddress,
  readLength,
  readUnsigned,
} from './hdf5-file.ts';
import type { ChunkIndex } from './layout.ts';
import { MAX_PIECES } from './limits.ts';

const CHUNK_NODE = 1;

export interface ChunkedArray {
  readonly shape: Shape;
  readonly chunkShape: Shape;
  readonly elementBytes: number;
  readonly filters: readonly Hdf5Filter[];
  readonly index: ChunkIndex;
  /** Which dataset, for messages; `place` says which file's as well. */
  readonly name: string;
  readonly place: string;
}

interface Chunk {
  /** Its first element. */
  readonly offset: readonly number[];
  readonly address: number;
  readonly sizeBytes: number;
  /** Bit i is set where filter i was left out. */
  readonly skipped: number;
}

/**
 * Puts an array together from its chunks, which must all be there.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, before anything is allocated that the file does not bear out;
 *   `UNSUPPORTED`
 */
export async function readChunks(file: Hdf5File, array: ChunkedArray): Promise<Uint8Array> {
  const { shape, elementBytes, filters, name, place } = array;
  const grid = layGrid(array);
  const { count, chunkBytes } = grid;
  file.spend(0, name, count);
  file.spendUnpacked(sizeOf(shape) * elementBytes + count * chunkBytes, name);
  const chunks = findChunks(file, array, grid);
  checkComplete(chunks, array, count);
  const whole = new Uint8Array(sizeOf(shape) * elementBytes);
  for (const { offset, address, sizeBytes, skipped } of chunks) {
    const bytes = file.view(address, sizeBytes, `a chunk of ${name}`);
    const packed = { bytes, sizeBytes: chunkBytes, elementBytes, skipped, place };
    copyChunk(await unpackChunk(packed, filters), offset, array, whole);
  }
  return whole;
}

/** How many chunks there are along each axis and in all, and the bytes of each. */
interface Grid {
  readonly lengths: readonly number[];
  readonly count: number;
  readonly chunkBytes: number;
}

function layGrid({ shape, chunkShape, elementBytes, place }: ChunkedArray): Grid {
  const chunkBytes = sizeOf(chunkShape) * elementBytes;
  const isSound = chunkShape.length === shape.length && chunkShape.every((length) => length > 0);
  if (!isSound || shape.length === 0 || !Number.isSafeInteger(chunkBytes)) {
    const shapes = `its chunks are ${formatShape(chunkShape)}, it is ${formatShape(shape)}`;
    throw damagedFile(place, shapes);
  }
  const lengths = shape.map((length, axis) => Math.ceil(length / (chunkShape[axis] ?? 1)));
  const count = sizeOf(lengths);
  if (count <= MAX_PIECES) return { lengths, count, chunkBytes };
  throw damagedFile(place, `it lies in ${count} chunks: ${MAX_PIECES} is the limit`);
}

/** Each place of the grid has one chunk. */
function checkComplete(
  chunks: readonly Chunk[],
  { shape, chunkShape, place }: ChunkedArray,
  count: number,
): void {
  const places = new Set(
    chunks.map(({ offset }) => {
      const isOnGrid = offset.every(
        (at, axis) => at % (chunkShape[axis] ?? 1) === 0 && at < (shape[axis] ?? 0),
      );
      if (isOnGrid) return offset.join();
      throw damagedFile(place, `a chunk begins at ${formatShape(offset)} of ${formatShape(shape)}`);
    }),
  );
  if (places.size === count && chunks.length === count) return;
  throw damagedFile(place, `${count} chunks should be there, but ${places.size} are`);
}

function findChunks(file: Hdf5File, array: ChunkedArray, grid: Grid): readonly Chunk[] {
  const { index, place } = array;
  const { address } = index;
  if (address === null) throw damagedFile(place, 'it holds no elements: none were ever written');
  const { chunkBytes } = grid;
  const places = () => listOffsets(grid.lengths, array.chunkShape);
  switch (index.kind) {
    case 'b-tree':
      return findTreeChunks(file, array, address);
    case 'single': {
      const { sizeBytes, skipped } = index;
      return places().map((offset) => ({
        offset,
        address,
        sizeBytes: sizeBytes ?? chunkBytes,
        skipped,
      }));
    }
    case 'implicit':
      return places().map((offset, at) => {
        return { offset, address: address + at * chunkBytes, sizeBytes: chunkBytes, skipped: 0 };
      });
    case 'fixed-array':
      return findListedChunks(file, { address, chunkBytes, offsets: places(), place });
    default:
      return index satisfies never;
  }
}

function findTreeChunks(
  file: Hdf5File,
  { shape }: ChunkedArray,
  address: number,
): readonly Chunk[] {
  const keyBytes = 8 + 8 * (shape.length + 1);
  const leaves = readTreeLeaves(file, address, { nodeType: CHUNK_NODE, keyBytes });
  return leaves.map(({ key, child }) => {
    const reader = new ByteReader(key, `${file.place}, a chunk`);
    const sizeBytes = reader.uint32('the packed size');
    const skipped = reader.uint32('filters left out');
    const offset = shape.map(() => readUnsigned(reader, 8, 'the place'));
    return { offset, address: child, sizeBytes, skipped };
  });
}

/** @see HDF5 File Format Specification Version 3.0, VII.C */
function findListedChunks(
  file: Hdf5File,
  list: {
    readonly address: number;
    readonly chunkBytes: number;
    readonly offsets: readonly (readonly number[])[];
    readonly place: string;
  },
): readonly Chunk[] {
  const { chunkBytes, offsets, place } = list;
  const { offsetBytes, lengthBytes } = file;
  const head = file.open(list.address, 12 + offsetBytes + lengthBytes, 'a list of chunks');
  checkSignature(head, 'FAHD');
  checkVersion(head, [0]);
  const isFiltered = head.uint8('the kind') === 1;
  const entryBytes = head.uint8('the size of an entry');
  const perPage = 2 ** head.uint8('bits of a page');
  const count = readLength(file, head, 'the number of chunks');
  const listAddress = needAddress(file, head, 'the list');
  checkChecksum(head);
  if (count !== offsets.length) {
    throw damagedFile(place, `${offsets.length} chunks should be there, but ${count} are`);
  }
  if (count > perPage) {
    const hint = 'Save it with h5py without libver and without chunks.';
    throw unsupportedFile(place, `its ${count} chunks are listed on pages of ${perPage}`, hint);
  }
  const sizeOfSize = entryBytes - offsetBytes - 4;
  if (isFiltered && (sizeOfSize < 1 || sizeOfSize > 8)) {
    throw damagedFile(place, `its list of chunks has entries of ${entryBytes} bytes`);
  }
  const frameBytes = 6 + offsetBytes;
  const reader = file.open(listAddress, frameBytes + count * entryBytes + 4, 'a list of chunks');
  checkChecksum(reader);
  reader.seek(0, 'the list');
  checkSignature(reader, 'FADB');
  reader.seek(frameBytes, 'the list');
  return offsets.flatMap((offset) => {
    const address = readAddress(file, reader, 'a chunk');
    const sizeBytes = isFiltered ? readUnsigned(reader, sizeOfSize, 'the packed size') : chunkBytes;
    const skipped = isFiltered ? reader.uint32('filters left out') : 0;
    return address === null ? [] : [{ offset, address, sizeBytes, skipped }];
  });
}

/** First elements of all chunks, row by row. */
function listOffsets(grid: readonly number[], chunkShape: Shape): readonly (readonly number[])[] {
  let offsets: readonly (readonly number[])[] = [[]];
  for (const [axis, count] of grid.entries()) {
    const length = chunkShape[axis] ?? 0;
    offsets = offsets.flatMap((offset) =>
      Array.from({ length: count }, (_, index) => [...offset, index * length]),
    );
  }
  return offsets;
}

/** Copies what of a chunk lies inside the array, run by run. */
function copyChunk(
  chunk: Uint8Array,
  offset: readonly number[],
  { shape, chunkShape, elementBytes }: ChunkedArray,
  whole: Uint8Array,
): void {
  // Axes behind this one are as long in the chunk as in the array, so that elements of both follow each other.
  const runAxis = shape.findLastIndex((length, axis) => axis === 0 || length !== chunkShape[axis]);
  const step = (lengths: Shape) =>
    lengths.map((_, axis) => sizeOf(lengths.slice(axis + 1)) * elementBytes);
  const [chunkSteps, wholeSteps] = [step(chunkShape), step(shape)];
  const copy = (axis: number, from: number, to: number): void => {
    const first = offset[axis] ?? 0;
    const length = Math.min(chunkShape[axis] ?? 0, (shape[axis] ?? 0) - first);
    const [chunkStep, wholeStep] = [chunkSteps[axis] ?? 0, wholeSteps[axis] ?? 0];
    const begin = to + first * wholeStep;
    if (axis === runAxis) {
      whole.set(chunk.subarray(from, from + length * chunkStep), begin);
      return;
    }
    for (let index = 0; index < length; index += 1) {
      copy(axis + 1, from + index * chunkStep, begin + index * wholeStep);
    }
  };
  copy(0, 0, 0);
}
