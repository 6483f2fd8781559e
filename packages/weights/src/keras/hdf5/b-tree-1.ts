import { damagedFile } from '../../file-error.ts';
import { checkSignature, type Hdf5File, needAddress } from './hdf5-file.ts';
import { MAX_TREE_DEPTH } from './limits.ts';

/** What hangs on a B-tree, with the key before it. */
export interface TreeLeaf {
  readonly key: Uint8Array;
  readonly child: number;
}

interface TreeKind {
  /** 0 for the names of a group, 1 for the chunks of a dataset. */
  readonly nodeType: number;
  readonly keyBytes: number;
}

/**
 * Everything that hangs on a B-tree of version 1, from its first key to its last.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`
 * @see HDF5 File Format Specification Version 3.0, III.A.1
 */
export function readTreeLeaves(
  file: Hdf5File,
  address: number,
  kind: TreeKind,
): readonly TreeLeaf[] {
  const found: TreeLeaf[] = [];
  readNode(file, { address, level: null }, kind, found);
  return found;
}

function readNode(
  file: Hdf5File,
  { address, level }: { readonly address: number; readonly level: number | null },
  kind: TreeKind,
  found: TreeLeaf[],
): void {
  const headBytes = 8 + 2 * file.offsetBytes;
  const head = file.open(address, headBytes, 'a B-tree');
  checkSignature(head, 'TREE');
  const nodeType = head.uint8('the type');
  const ownLevel = head.uint8('the level');
  const count = head.uint16('the number of entries');
  const isExpected = nodeType === kind.nodeType && (level === null || ownLevel === level);
  if (!isExpected || ownLevel > MAX_TREE_DEPTH) {
    throw damagedFile(
      head.place,
      `a node of type ${nodeType} and level ${ownLevel} does not belong there`,
    );
  }
  const bodyBytes = count * (kind.keyBytes + file.offsetBytes);
  const reader = file.open(address + headBytes, bodyBytes, 'a B-tree');
  file.spend(0, 'an entry', count);
  for (let index = 0; index < count; index += 1) {
    const key = reader.take(kind.keyBytes, 'a key');
    const child = needAddress(file, reader, 'a child');
    if (ownLevel === 0) found.push({ key, child });
    else readNode(file, { address: child, level: ownLevel - 1 }, kind, found);
  }
}
