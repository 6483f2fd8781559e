import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invariant, type Model } from '@alexnet/core';
import { toFileError, type WrittenFile, writeFileAtomic } from '@alexnet/export/node';
import { type TfjsFile, type TfjsWriteOptions, writeTfjsLayers } from '@alexnet/weights';

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
  const write = async ({ name, bytes }: TfjsFile) => {
    const sha256 = createHash('sha256');
    await writeFileAtomic(join(folder, name), [bytes], { hashes: [sha256] });
    return { name, bytes: bytes.length, sha256: sha256.digest('hex') };
  };
  const description = files.at(-1);
  invariant(description, 'a model of no file');
  const weights = await Promise.all(files.slice(0, -1).map(write));
  const { bytes, sha256 } = await write(description);
  return { file: path, bytes, sha256, files: weights };
}
