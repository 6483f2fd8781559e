import { isAlexNetError } from '@alexnet/core';
import { type ListedCache, listCaches, removeCache } from './list-caches.ts';

/** A cache that was removed because the disk was full. */
export type RemovedCache = Pick<ListedCache, 'path' | 'sizeBytes'>;

/** Takes a step that writes and, if the disk is full, can be taken again. */
export type StepWithRoom = <Value>(step: () => Promise<Value>) => Promise<Value>;

/**
 * Makes room on a full disk: where a step fails for it, one cache of a folder after the other is removed, what was left
 * unfinished first, then what was not used for longest, and the step taken again, until it succeeds or only caches are
 * left that a process has: then `DISK_FULL` is thrown as ever.
 */
export function createRoomMaker(
  folder: string,
  onRemoved: (cache: RemovedCache) => void = () => {},
): StepWithRoom {
  return async (step) => {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!isAlexNetError(error) || error.code !== 'DISK_FULL') throw error;
        const removed = await removeOne(folder);
        if (!removed) throw error;
        onRemoved(removed);
      }
    }
  };
}

async function removeOne(folder: string): Promise<RemovedCache | null> {
  const caches = (await listCaches(folder)).toReversed();
  const unfinished = caches.filter(({ state }) => state === 'abandoned');
  const idle = caches.filter(({ state }) => state === 'idle');
  for (const cache of [...unfinished, ...idle]) {
    try {
      await removeCache(cache);
      return cache;
    } catch (error) {
      // Another user's, for instance: the next one may do.
      if (!isAlexNetError(error)) throw error;
    }
  }
  return null;
}
