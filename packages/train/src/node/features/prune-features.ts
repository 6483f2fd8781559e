import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toFileError } from '@alexnet/export/node';
import { ignoreMissing } from '../run/system-code.ts';

/** A cache, or what is to become one. Nothing else is touched. */
const ENTRY = /^[0-9a-f]{32}(?<staged>\.[0-9a-f-]{36}\.tmp)?$/;
/** So long after its last byte, an unfinished cache is one of a process that was killed. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

interface Entry {
  readonly path: string;
  readonly isStaged: boolean;
  readonly sizeBytes: number;
  /** When its files were last written, or marked as used. */
  readonly usedMs: number;
}

export interface PruneOptions {
  /** The cache that is in use: it stays, and counts. */
  readonly inUse: string;
  readonly limitBytes: number;
}

/**
 * Removes caches of features until those that are left fit into a limit, the one that was not used for longest first,
 * and what killed processes left unfinished. Who reads a removed file at that moment has it to the end.
 *
 * @throws {@link AlexNetError} `IO`
 */
export async function pruneFeatures(
  folder: string,
  { inUse, limitBytes }: PruneOptions,
): Promise<void> {
  const entries = await listEntries(folder);
  const { sizeBytes = 0 } = entries.find(({ path }) => path === inUse) ?? {};
  let kept = sizeBytes;
  for (const entry of entries.toSorted((a, b) => b.usedMs - a.usedMs)) {
    if (entry.path === inUse) continue;
    if (entry.isStaged) {
      if (Date.now() - entry.usedMs > ABANDONED_MS) await remove(entry.path);
      continue;
    }
    kept += entry.sizeBytes;
    if (kept > limitBytes) await remove(entry.path);
  }
}

async function listEntries(folder: string): Promise<readonly Entry[]> {
  const names = await readdir(folder).catch(ignoreMissing([]));
  const entries: Entry[] = [];
  for (const name of names) {
    const match = ENTRY.exec(name);
    if (!match) continue;
    const path = join(folder, name);
    const isStaged = match.groups?.staged !== undefined;
    entries.push({ path, isStaged, ...(await measure(path)) });
  }
  return entries;
}

/** Of a folder without folders; what another process removes meanwhile counts for nothing. */
async function measure(path: string): Promise<Pick<Entry, 'sizeBytes' | 'usedMs'>> {
  let sizeBytes = 0;
  let usedMs = (await stat(path).catch(ignoreMissing(null)))?.mtimeMs ?? 0;
  for (const name of await readdir(path).catch(ignoreMissing([]))) {
    const file = await stat(join(path, name)).catch(ignoreMissing(null));
    sizeBytes += file?.size ?? 0;
    usedMs = Math.max(usedMs, file?.mtimeMs ?? 0);
  }
  return { sizeBytes, usedMs };
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw toFileError(cause, 'write', path);
  }
}
