import { basename, dirname, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { readFileBytes } from '@alexnet/export/node';
import type { WeightSource } from '../weight-file.ts';

/** Names of files beside another one: no folders, no hidden files, nothing that climbs out. */
const PLAIN_NAME = /^[^./\\\0][^/\\\0]*$/;

/**
 * A weight file on disk, with the files beside it.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO`
 */
export async function openWeightSource(path: string): Promise<WeightSource> {
  return {
    name: basename(path),
    bytes: await readFileBytes(path),
    sibling: async (name, { refusesLinks = false } = {}) => {
      if (!PLAIN_NAME.test(name)) {
        throw new AlexNetError('INVALID_MODEL', {
          message: `${basename(path)} names a file outside its folder: "${name}".`,
          hint: 'Files that belong to it lie beside it.',
          path: [path, name],
        });
      }
      return readFileBytes(join(dirname(path), name), { refusesLinks }).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'NOT_FOUND') return null;
        throw error;
      });
    },
  };
}
