import { listCaches, removeCache } from './list-caches.ts';

export interface PruneOptions {
  /** The cache that is in use: it stays, and counts first. */
  readonly inUse: string;
  readonly limitBytes: number;
}

/**
 * Removes caches of features until those that are left fit into a limit, the one that was not used for longest first,
 * and what killed processes left unfinished. What another process has stays, and counts.
 *
 * @throws {@link AlexNetError} `IO`
 */
export async function pruneFeatures(
  folder: string,
  { inUse, limitBytes }: PruneOptions,
): Promise<void> {
  const caches = await listCaches(folder);
  let kept = caches.find(({ path }) => path === inUse)?.sizeBytes ?? 0;
  for (const cache of caches) {
    if (cache.path === inUse) continue;
    if (cache.state !== 'abandoned') kept += cache.sizeBytes;
    if (cache.state === 'busy') continue;
    if (cache.state === 'abandoned' || kept > limitBytes) await removeCache(cache);
  }
}
