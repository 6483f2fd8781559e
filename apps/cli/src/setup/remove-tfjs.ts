import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { toFileError } from '@alexnet/export/node';
import { INSTALLED_FILE, type InstalledTensorFlow } from '@alexnet/train/node';
import { onMissing } from '../terminal/on-missing.ts';
import { detachLibrary } from './attach-library.ts';
import { type ListContext, readList, withSetupLock } from './installed-list.ts';

export interface Removal {
  readonly removed: readonly InstalledTensorFlow[];
  readonly freedBytes: number;
}

/**
 * Undoes all that was set up: packages that were found lose their binding and their link, the rest goes with the
 * folder. The list goes first, so that a removal that was interrupted leaves nothing that counts.
 *
 * @throws {@link AlexNetError} `IO`
 */
export async function removeTfjs(context: ListContext): Promise<Removal> {
  const { root } = context;
  if ((await stat(root).catch(onMissing(null))) === null) return { removed: [], freedBytes: 0 };
  try {
    return await withSetupLock(context, async () => {
      const removed = await readList(context);
      const freedBytes = await measure(root);
      await rm(join(root, INSTALLED_FILE), { force: true });
      for (const { directory } of removed) {
        if (relative(root, directory).startsWith('..')) await detachLibrary(directory, root);
      }
      await rm(root, { recursive: true, force: true });
      return { removed, freedBytes };
    });
  } catch (cause) {
    throw toFileError(cause, 'write', root);
  }
}

/** Bytes of files; what links point to is not beneath, or is counted already. */
async function measure(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await measure(path);
    else if (entry.isFile()) sum += (await lstat(path)).size;
  }
  return sum;
}
