import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeProcess, isAlive, isHere, parseHolder } from '../run/process-holder.ts';
import { hasCode, ignoreMissing } from '../run/system-code.ts';

/** Each process that writes or reads a cache has a note of it in the cache's folder. */
const NOTE = /^used-by-[0-9a-f-]{36}\.json$/;
/** So long after it was written, the note of a process of which nothing can be said counts for nothing. */
export const ABANDONED_MS: number = 24 * 60 * 60 * 1000;

/**
 * Where a note cannot be written, the cache is as good: it may be removed while it is read, which ends no reading. Where
 * the folder is gone, who opens its files says so.
 */
const REFUSALS = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOENT'];

/** Says of a cache that this process has it. */
export interface CacheUse {
  /** The note goes along when the folder is renamed. */
  begin(folder: string): Promise<void>;
  end(folder: string): Promise<void>;
}

export function createCacheUse(): CacheUse {
  const name = `used-by-${randomUUID()}.json`;
  return {
    begin: async (folder) => {
      const text = `${JSON.stringify(await describeProcess())}\n`;
      await writeFile(join(folder, name), text).catch(ignoreRefusal);
      await removeDeadNotes(folder).catch(ignoreRefusal);
    },
    end: (folder) => rm(join(folder, name), { force: true }).catch(ignoreRefusal),
  };
}

function ignoreRefusal(error: unknown): void {
  if (!REFUSALS.some((code) => hasCode(error, code))) throw error;
}

/** Whether a file of a cache's folder is such a note. */
export function isUseNote(name: string): boolean {
  return NOTE.test(name);
}

/** `unknown` where nobody ever said so. */
export async function readCacheUse(folder: string): Promise<'used' | 'unused' | 'unknown'> {
  const notes = await listNotes(folder);
  if (notes.some(({ isLive }) => isLive)) return 'used';
  return notes.length > 0 ? 'unused' : 'unknown';
}

async function removeDeadNotes(folder: string): Promise<void> {
  for (const { file, isLive } of await listNotes(folder)) {
    if (!isLive) await rm(file, { force: true });
  }
}

interface UseNote {
  readonly file: string;
  readonly isLive: boolean;
}

async function listNotes(folder: string): Promise<readonly UseNote[]> {
  const names = await readdir(folder).catch(ignoreMissing([]));
  const files = names.filter(isUseNote).map((name) => join(folder, name));
  return Promise.all(files.map(async (file) => ({ file, isLive: await isLive(file) })));
}

async function isLive(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing(null));
  if (text === null) return false;
  const holder = parseHolder(text);
  if (holder && isHere(holder)) return isAlive(holder);
  const writtenMs = (await stat(file).catch(ignoreMissing(null)))?.mtimeMs ?? 0;
  return Date.now() - writtenMs < ABANDONED_MS;
}
