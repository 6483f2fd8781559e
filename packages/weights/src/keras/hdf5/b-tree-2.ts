import type { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';
import { checkChecksum } from './checksum.ts';
import {
  bytesFor,
  checkSignature,
  checkVersion,
  type Hdf5File,
  needAddress,
  readAddress,
  readUnsigned,
} from './hdf5-file.ts';
import { MAX_TREE_DEPTH } from './limits.ts';

/** Signature, version, type and checksum of a node. */
const NODE_FRAME_BYTES = 10;

interface Tree {
  readonly place: string;
  readonly nodeBytes: number;
  readonly recordBytes: number;
  /** By level, from the leaves up: the most records of a node, and of all below it. */
  readonly levels: readonly { readonly records: number; readonly below: number }[];
}

interface TreeNode {
  readonly address: number;
  readonly records: number;
  /** 0 for a leaf. */
  readonly level: number;
}

/**
 * All records of a B-tree of version 2, in no particular order.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`
 * @see HDF5 File Format Specification Version 3.0, III.A.2
 */
export function readTreeRecords(file: Hdf5File, address: number): readonly Uint8Array[] {
  const reader = file.open(address, 22 + file.offsetBytes + file.lengthBytes, 'a B-tree');
  checkSignature(reader, 'BTHD');
  checkVersion(reader, [0]);
  reader.skip(1, 'the type');
  const nodeBytes = reader.uint32('the size of a node');
  const recordBytes = reader.uint16('the size of a record');
  const depth = reader.uint16('the depth');
  reader.skip(2, 'how nodes are split');
  const rootAddress = readAddress(file, reader, 'the root');
  const rootRecords = reader.uint16("the root's records");
  checkChecksum(reader);
  if (depth > MAX_TREE_DEPTH || recordBytes === 0 || nodeBytes <= NODE_FRAME_BYTES + recordBytes) {
    const sizes = `${depth} levels, nodes of ${nodeBytes} and records of ${recordBytes} bytes`;
    throw damagedFile(reader.place, `it has ${sizes}`);
  }
  if (rootAddress === null) return [];
  const shape = { nodeBytes, recordBytes, place: reader.place };
  const tree = { ...shape, levels: measureLevels(file, shape, depth) };
  const records: Uint8Array[] = [];
  readNode(file, tree, { address: rootAddress, records: rootRecords, level: depth }, records);
  return records;
}

function measureLevels(
  file: Hdf5File,
  { nodeBytes, recordBytes }: Omit<Tree, 'levels'>,
  depth: number,
): Tree['levels'] {
  const leaf = Math.floor((nodeBytes - NODE_FRAME_BYTES) / recordBytes);
  const levels = [{ records: leaf, below: leaf }];
  for (let level = 1; level <= depth; level += 1) {
    const pointer = pointerBytes(file, levels, level);
    const records = Math.floor((nodeBytes - NODE_FRAME_BYTES - pointer) / (recordBytes + pointer));
    const below = (records + 1) * (levels[level - 1]?.below ?? 0) + records;
    levels.push({ records, below });
  }
  return levels;
}

/** Bytes of a pointer to a child: its address, its records, and all records below it. */
function pointerBytes(file: Hdf5File, levels: Tree['levels'], level: number): number {
  const counted = level > 1 ? bytesFor(levels[level - 1]?.below ?? 0) : 0;
  return file.offsetBytes + bytesFor(levels[0]?.records ?? 0) + counted;
}

function readNode(file: Hdf5File, tree: Tree, node: TreeNode, found: Uint8Array[]): void {
  const { place, nodeBytes, recordBytes, levels } = tree;
  const { level, records } = node;
  if (records > (levels[level]?.records ?? 0)) {
    const most = levels[level]?.records ?? 0;
    throw damagedFile(place, `a node at byte ${node.address} says ${records} records of ${most}`);
  }
  const pointer = level === 0 ? 0 : pointerBytes(file, levels, level);
  const usedBytes =
    NODE_FRAME_BYTES + records * recordBytes + (level === 0 ? 0 : (records + 1) * pointer);
  const reader = file.open(node.address, Math.min(usedBytes, nodeBytes), 'a node of a B-tree');
  checkChecksum(reader);
  reader.seek(0, 'the node');
  checkSignature(reader, level === 0 ? 'BTLF' : 'BTIN');
  reader.skip(2, 'version and type');
  file.spend(0, 'a record', records);
  for (let index = 0; index < records; index += 1) found.push(reader.take(recordBytes, 'a record'));
  if (level === 0) return;
  for (let index = 0; index <= records; index += 1) {
    const child = readPointer(file, tree, level, reader);
    readNode(file, tree, { ...child, level: level - 1 }, found);
  }
}

function readPointer(file: Hdf5File, { levels }: Tree, level: number, reader: ByteReader) {
  const address = needAddress(file, reader, 'a child');
  const records = readUnsigned(reader, bytesFor(levels[0]?.records ?? 0), "a child's records");
  if (level > 1) reader.skip(bytesFor(levels[level - 1]?.below ?? 0), 'records below a child');
  return { address, records };
}
