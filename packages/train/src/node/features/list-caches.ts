import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toFileError } from '@alexnet/export/node';
import { ignoreMissing } from '../run/system-code.ts';
import { ABANDONED_MS, isUseNote, readCacheUse } from './cache-use.ts';

/** A cache, or what is to become one. Nothing else is touched. */
const ENTRY = /^[0-9a-f]{32}(?<staged>\.[0-9a-f-]{36}\.tmp)?$/;

export interface ListedCache {
  readonly path: string;
  /**
   * `busy`: a process that lives, or may, reads or writes it. `abandoned`: it was not finished, and never will be.
   * `idle`: it waits for the next training.
   */
  readonly state: 'busy' | 'abandoned' | 'idle';
  readonly sizeBytes: number;
  /** When its files were last written, or marked as used. */
  readonly usedMs: number;
}

/** The caches of a folder; first the one that was used last. */
export async function listCaches(folder: string): Promise<readonly ListedCache[]> {
  const names = await readdir(folder).catch(ignoreMissing([]));
  const caches: ListedCache[] = [];
  for (const name of names) {
    const match = ENTRY.exec(name);
    if (!match) continue;
    const path = join(folder, name);
    const measured = await measure(path);
    const isStaged = match.groups?.staged !== undefined;
    caches.push({ path, state: await stateOf(path, isStaged, measured.usedMs), ...measured });
  }
  return caches.sort((a, b) => b.usedMs - a.usedMs);
}

/** @throws {@link AlexNetError} `IO` */
export async function removeCache({ path }: ListedCache): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw toFileError(cause, 'write', path);
  }
}

async function stateOf(
  path: string,
  isStaged: boolean,
  usedMs: number,
): Promise<ListedCache['state']> {
  const use = await readCacheUse(path);
  if (use === 'used') return 'busy';
  if (!isStaged) return 'idle';
  // Who could not say so may be writing it, until long after the last byte.
  const mayLive = use === 'unknown' && Date.now() - usedMs <= ABANDONED_MS;
  return mayLive ? 'busy' : 'abandoned';
}

/** Of a folder without folders; what another process removes meanwhile counts for nothing. */
async function measure(path: string): Promise<Pick<ListedCache, 'sizeBytes' | 'usedMs'>> {
  let sizeBytes = 0;
  let usedMs = (await stat(path).catch(ignoreMissing(null)))?.mtimeMs ?? 0;
  for (const name of await readdir(path).catch(ignoreMissing([]))) {
    const file = await stat(join(path, name)).catch(ignoreMissing(null));
    if (!isUseNote(name)) sizeBytes += file?.size ?? 0;
    usedMs = Math.max(usedMs, file?.mtimeMs ?? 0);
  }
  return { sizeBytes, usedMs };
}
