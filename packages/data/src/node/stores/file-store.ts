import { isAlexNetError } from '@alexnet/core';
import type { SortedPaths } from './sorted-paths.ts';

/** A file of a folder or an archive. */
export interface StoredFile {
  /** What messages call it. */
  readonly name: string;
  /** Unpacked. */
  readonly sizeBytes: number;
  /**
   * All of it.
   *
   * @throws AlexNetError `NOT_FOUND`, `IO`; `INVALID_PICTURE` where the archive is damaged at this place
   */
  read(): Promise<Uint8Array>;
  /** At most the first bytes. @throws as `read` */
  readHead(lengthBytes: number): Promise<Uint8Array>;
}

/** What a folder or an archive holds and cannot be read from it, and why. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

export interface FileListing {
  /** Files; hidden ones, and what systems leave behind, are left out. */
  readonly paths: SortedPaths;
  /** Folders without a file. */
  readonly emptyFolders: readonly string[];
  readonly skipped: readonly SkippedFile[];
}

/** Files by their paths, `/` between folders: a folder, or an archive that is read without unpacking. */
export interface FileStore {
  /** What messages call it. */
  readonly path: string;
  readonly kind: 'folder' | 'tar' | 'zip' | 'tars';
  /** What was done to read it, for the reader of an explanation. */
  readonly notes: readonly string[];
  /** What messages call a file of it. */
  nameOf(path: string): string;
  /** Where the machine has the file, if it is one of its own. */
  placeOf?(path: string): string;
  /** @throws AlexNetError `NOT_FOUND`, `IO` */
  list(): Promise<FileListing>;
  /** @throws AlexNetError `NOT_FOUND`; `IO` also for what is no file: a folder, a device */
  find(path: string): Promise<StoredFile>;
  /**
   * The contents of many small files, one after another, where that is faster than file by file.
   *
   * @throws as `find` and `read`
   */
  readEach?(paths: Iterable<string>): AsyncIterable<Uint8Array>;
}

/** What archives and systems leave behind. */
const HIDDEN = /(?:^|\/)(?:\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(?:$|\/)/i;

export function isHidden(path: string): boolean {
  return HIDDEN.test(path);
}

/** Of the folders that an archive names, those without a file. */
export function emptyAmong(folders: readonly string[], paths: SortedPaths): readonly string[] {
  return folders.filter((folder) => !isHidden(folder) && paths.within(folder).length === 0);
}

/** @throws AlexNetError `IO` */
export async function exists(store: FileStore, path: string): Promise<boolean> {
  try {
    await store.find(path);
    return true;
  } catch (error) {
    if (isAlexNetError(error) && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}
