import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareCodePoints } from '../dataset/code-point-order.ts';
import { toSystemError } from './system-error.ts';

/** What is in a folder: names, sorted by code points. Hidden entries are left out. */
export interface FolderListing {
  readonly pictures: readonly string[];
  readonly folders: readonly string[];
  readonly others: readonly string[];
}

const PICTURE_ENDINGS = /\.(jpe?g|png|webp)$/i;
/** What archives and systems leave behind. */
const HIDDEN = /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;

/**
 * @throws AlexNetError `NOT_FOUND`, `IO`
 */
export async function listFolder(path: string): Promise<FolderListing> {
  const listing = {
    pictures: [] as string[],
    folders: [] as string[],
    others: [] as string[],
  } satisfies FolderListing;
  for (const entry of await readEntries(path)) {
    if (!HIDDEN.test(entry.name)) listing[await classify(path, entry)].push(entry.name);
  }
  for (const names of Object.values(listing)) names.sort(compareCodePoints);
  return listing;
}

async function readEntries(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw toSystemError(error, path);
  }
}

async function classify(folder: string, entry: Dirent): Promise<keyof FolderListing> {
  const isPicture = PICTURE_ENDINGS.test(entry.name);
  if (entry.isDirectory()) return 'folders';
  if (entry.isFile()) return isPicture ? 'pictures' : 'others';
  if (!entry.isSymbolicLink()) return 'others';
  // A link counts as what it leads to. One that leads nowhere stays a picture: reading will name it.
  const target = await stat(join(folder, entry.name)).catch(() => null);
  if (target?.isDirectory()) return 'folders';
  return isPicture ? 'pictures' : 'others';
}
