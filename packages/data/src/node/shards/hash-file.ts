import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { toSystemError } from '../system-error.ts';
import type { WrittenFile } from './write-whole-file.ts';

/** @throws AlexNetError `NOT_FOUND`, `IO` */
export async function hashFile(path: string): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    throw toSystemError(error, path);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}
