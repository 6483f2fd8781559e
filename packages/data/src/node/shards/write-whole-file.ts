import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';

export interface WrittenFile {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Writes a file whole or not at all: under another name, flushed, then renamed.
 *
 * @param parts - written as they come, so that they need not be in memory together
 * @throws AlexNetError `DISK_FULL`, `IO`; what `parts` throws. Nothing is left behind.
 */
export async function writeWholeFile(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<WrittenFile> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx').catch(throwWriteError);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      for await (const part of parts) {
        const writing = handle.writeFile(part).catch(throwWriteError);
        // Meanwhile, on this thread.
        hash.update(part);
        await writing;
        sizeBytes += part.length;
      }
      await handle.sync().catch(throwWriteError);
    } finally {
      await handle.close();
    }
    await rename(temporary, path).catch(throwWriteError);
    return { sizeBytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }

  function throwWriteError(cause: NodeJS.ErrnoException): never {
    const isFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
    throw new AlexNetError(isFull ? 'DISK_FULL' : 'IO', {
      message: `${toPrintable(path)} cannot be written: ${isFull ? 'the disk is full' : cause.message}.`,
      hint: isFull
        ? 'Make room and call it again: it goes on where it was.'
        : 'Check the folder and its permissions.',
      path: [path],
      cause,
    });
  }
}
