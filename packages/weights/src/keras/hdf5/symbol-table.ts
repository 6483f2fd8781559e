import type { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';
import { readTreeLeaves } from './b-tree-1.ts';
import {
  checkSignature,
  checkVersion,
  type Hdf5File,
  needAddress,
  readAddress,
  readLength,
} from './hdf5-file.ts';
import { MAX_NAME_BYTES } from './limits.ts';
import type { Hdf5Link, NamedLink } from './link.ts';

const GROUP_NODE = 0;
const CACHED_SOFT_LINK = 2;
const SCRATCH_BYTES = 16;

/**
 * The names of a group in the way of HDF5 1.0 to 1.6, which is still what h5py and Keras write.
 *
 * @param message - a symbol table message
 * @see HDF5 File Format Specification Version 3.0, III.A.1, III.B, III.D
 */
export function readSymbolTable(file: Hdf5File, message: ByteReader): readonly NamedLink[] {
  const treeAddress = needAddress(file, message, 'the B-tree');
  const heap = readLocalHeap(file, needAddress(file, message, 'the heap'));
  const keyBytes = file.lengthBytes;
  const leaves = readTreeLeaves(file, treeAddress, { nodeType: GROUP_NODE, keyBytes });
  return leaves.flatMap(({ child }) => readSymbols(file, child, heap));
}

function readLocalHeap(file: Hdf5File, address: number): Uint8Array {
  const headBytes = 8 + 2 * file.lengthBytes + file.offsetBytes;
  const reader = file.open(address, headBytes, 'a heap of names');
  checkSignature(reader, 'HEAP');
  checkVersion(reader, [0]);
  reader.skip(3, 'reserved bytes');
  const sizeBytes = readLength(file, reader, 'the size');
  reader.skip(file.lengthBytes, 'the free list');
  return file.view(needAddress(file, reader, 'the names'), sizeBytes, 'a heap of names');
}

function readSymbols(file: Hdf5File, address: number, heap: Uint8Array): readonly NamedLink[] {
  const head = file.open(address, 8, 'a node of names');
  checkSignature(head, 'SNOD');
  checkVersion(head, [1]);
  head.skip(1, 'a reserved byte');
  const count = head.uint16('the number of names');
  const symbolBytes = 2 * file.offsetBytes + 8 + SCRATCH_BYTES;
  const reader = file.open(address + 8, count * symbolBytes, 'a node of names');
  const symbols: NamedLink[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = readName(file, heap, needAddress(file, reader, 'a name'));
    symbols.push({ name, link: readTarget(file, reader, heap), order: null });
  }
  return symbols;
}

function readTarget(file: Hdf5File, reader: ByteReader, heap: Uint8Array): Hdf5Link {
  const address = readAddress(file, reader, 'the object');
  const cached = reader.uint32('what is cached');
  reader.skip(4, 'reserved bytes');
  const targetOffset = reader.uint32('the target');
  reader.skip(SCRATCH_BYTES - 4, 'reserved bytes');
  if (cached === CACHED_SOFT_LINK) {
    return { kind: 'soft', target: readName(file, heap, targetOffset) };
  }
  return address === null ? { kind: 'foreign' } : { kind: 'object', address };
}

/** A text that ends with a zero. */
function readName(file: Hdf5File, heap: Uint8Array, offset: number): string {
  const length = heap.subarray(offset, offset + MAX_NAME_BYTES + 1).indexOf(0);
  if (length < 0) {
    throw damagedFile(
      file.place,
      `a name at byte ${offset} of a heap of ${heap.length} has no end within ${MAX_NAME_BYTES} bytes`,
    );
  }
  file.spend(length, 'a name');
  return new TextDecoder().decode(heap.subarray(offset, offset + length));
}
