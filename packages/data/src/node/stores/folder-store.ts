import type { Dirent, Stats } from 'node:fs';
import { open, opendir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { compareCodePoints } from '../../dataset/code-point-order.ts';
import { toPrintable } from '../../printable.ts';
import { toSystemError } from '../system-error.ts';
import {
  type FileListing,
  type FileStore,
  isHidden,
  type SkippedFile,
  type StoredFile,
} from './file-store.ts';
import { PathTableBuilder } from './path-table.ts';
import { SortedPaths } from './sorted-paths.ts';

/** Entries that the system is asked for at a time. */
const ENTRIES_AT_ONCE = 1024;
/** Folders in folders, at most. */
const MAX_DEPTH = 64;

/** A folder of the machine. */
export function openFolderStore(root: string): FileStore {
  // Lists name pictures by their whole paths, too.
  const locate = (path: string) => (isAbsolute(path) ? path : join(root, path));
  return {
    path: root,
    kind: 'folder',
    notes: [],
    nameOf: (path) => toPrintable(locate(path)),
    placeOf: locate,
    list: () => listFiles(root),
    find: (path) => findFile(locate(path)),
  };
}

/**
 * A file of the machine.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`; `IO` also for what is no file: a folder, a device
 */
export async function findFile(path: string): Promise<StoredFile> {
  const stats = await stat(path).catch((error: unknown) => {
    throw toSystemError(error, path);
  });
  const name = toPrintable(path);
  if (!stats.isFile()) {
    throw new AlexNetError('IO', {
      message: `${name} is ${describeNoFile(stats)}, not a file.`,
      hint: 'Give the path of a file.',
      path: [path],
    });
  }
  return {
    name,
    sizeBytes: stats.size,
    read: async () => {
      try {
        const { buffer, byteOffset, byteLength } = await readFile(path);
        return new Uint8Array(buffer, byteOffset, byteLength);
      } catch (error) {
        throw toSystemError(error, path);
      }
    },
    readHead: (lengthBytes) => readPart(path, { offset: 0, lengthBytes }),
  };
}

/**
 * A part of a file; shorter where the file ends.
 *
 * @throws AlexNetError `NOT_FOUND`, `IO`
 */
export async function readPart(
  path: string,
  { offset, lengthBytes }: { readonly offset: number; readonly lengthBytes: number },
): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const buffer = new Uint8Array(lengthBytes);
      const { bytesRead } = await file.read(buffer, 0, lengthBytes, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toSystemError(error, path);
  }
}

type NoFile = Pick<Stats | Dirent, 'isDirectory' | 'isFIFO' | 'isSocket'>;

function describeNoFile(entry: NoFile): string {
  if (entry.isDirectory()) return 'a folder';
  if (entry.isFIFO()) return 'a pipe';
  return entry.isSocket() ? 'a socket' : 'a device';
}

interface Walk {
  readonly root: string;
  readonly paths: PathTableBuilder;
  readonly emptyFolders: string[];
  readonly skipped: SkippedFile[];
}

async function listFiles(root: string): Promise<FileListing> {
  const walk: Walk = { root, paths: new PathTableBuilder(), emptyFolders: [], skipped: [] };
  const stats = await stat(root).catch((error: unknown) => {
    throw toSystemError(error, root);
  });
  await walkFolder(walk, '', [identify(stats)]);
  const { emptyFolders, skipped } = walk;
  return { paths: new SortedPaths(walk.paths.build()), emptyFolders, skipped };
}

/** @param above - the folders that this one lies in, itself included */
async function walkFolder(walk: Walk, folder: string, above: readonly string[]): Promise<void> {
  const names = await readNames(walk, folder, above);
  if (names.length === 0 && folder !== '') walk.emptyFolders.push(folder);
  for (const name of names) {
    const path = `${folder === '' ? '' : `${folder}/`}${name}`;
    if (!name.endsWith('/')) walk.paths.add(path);
    else await enterFolder(walk, path.slice(0, -1), above);
  }
}

/** Files, and folders with a slash behind them: sorted so, whole paths come in the order of code points. */
async function readNames(walk: Walk, folder: string, above: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  const path = join(walk.root, folder);
  try {
    for await (const entry of await opendir(path, { bufferSize: ENTRIES_AT_ONCE })) {
      if (isHidden(entry.name)) continue;
      if (entry.isFile()) names.push(entry.name);
      else if (entry.isDirectory()) names.push(`${entry.name}/`);
      else {
        const name = await followLink(walk, join(folder, entry.name), entry);
        if (name !== null) names.push(name);
      }
    }
  } catch (error) {
    if (above.length === 1) throw toSystemError(error, path);
    walk.skipped.push({ path: folder, reason: toSystemError(error, path).message });
  }
  return names.sort(compareCodePoints);
}

/** A link counts as what it leads to. One that leads nowhere stays a file: reading will name it. */
async function followLink(walk: Walk, path: string, entry: Dirent): Promise<string | null> {
  const target = entry.isSymbolicLink()
    ? await stat(join(walk.root, path)).catch(() => 'broken' as const)
    : entry;
  if (target === 'broken' || target.isFile()) return entry.name;
  if (target.isDirectory()) return `${entry.name}/`;
  walk.skipped.push({ path, reason: `${toPrintable(path)} is ${describeNoFile(target)}.` });
  return null;
}

async function enterFolder(walk: Walk, folder: string, above: readonly string[]): Promise<void> {
  const path = join(walk.root, folder);
  const stats = await stat(path).catch((error: unknown) => toSystemError(error, path));
  const skip = (reason: string) => walk.skipped.push({ path: folder, reason });
  if (stats instanceof Error) skip(stats.message);
  else if (above.includes(identify(stats))) {
    skip(`${toPrintable(folder)} is a link to a folder that it lies in.`);
  } else if (above.length > MAX_DEPTH) {
    skip(`${toPrintable(folder)} lies more than ${MAX_DEPTH} folders deep.`);
  } else await walkFolder(walk, folder, [...above, identify(stats)]);
}

function identify({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
