import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Model } from '@alexnet/core';
import { toFileError, type WrittenFile, writeFileAtomic } from '@alexnet/export/node';
import { type TfjsWriteOptions, writeTfjsLayers } from '@alexnet/weights';

/**
 * Writes a layers model of TensorFlow.js, its weights first, into a folder that is made if need be.
 *
 * @param path - of its model.json
 * @throws what {@link writeTfjsLayers} and writing throw
 */
export async function writeTfjs(
  path: string,
  model: Model,
  options: TfjsWriteOptions,
): Promise<WrittenFile> {
  const files = writeTfjsLayers(model, options);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw toFileError(cause, 'write', folder);
  });
  const written: WrittenFile['files'][number][] = [];
  for (const { name, bytes } of files) {
    const sha256 = createHash('sha256');
    await writeFileAtomic(join(folder, name), [bytes], { hashes: [sha256] });
    written.push({ name, bytes: bytes.length, sha256: sha256.digest('hex') });
  }
  const [description, ...weights] = written.reverse();
  return {
    file: path,
    bytes: description?.bytes ?? 0,
    sha256: description?.sha256 ?? '',
    files: weights.reverse(),
  };
}
