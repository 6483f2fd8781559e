import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { toFileError } from '@alexnet/export/node';

/** @returns the sha256 of a file, in hexadecimal. @throws what {@link toFileError} makes of the system's errors */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const source = createReadStream(path, { highWaterMark: 2 ** 20, ...(signal ? { signal } : {}) });
  await pipeline(source, hash).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw toFileError(cause, 'read', path);
  });
  return hash.digest('hex');
}
