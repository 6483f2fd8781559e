import { closeSync, openSync, readSync } from 'node:fs';
import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import { toSystemError } from '../system-error.ts';
import type { FileStore, StoredFile } from './file-store.ts';
import { readPart } from './folder-store.ts';
import { indexTar, type TarIndex } from './tar-index.ts';

export interface TarStoreOptions {
  /** What messages call the archive; its path unless given. */
  readonly name?: string;
  readonly notes?: readonly string[];
}

/**
 * A tar archive, read without unpacking: where its files stand is held in memory.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the place where the archive is damaged, `NOT_FOUND`, `IO`
 */
export async function openTarStore(
  path: string,
  options: TarStoreOptions = {},
): Promise<FileStore> {
  const { name = path } = options;
  const index = await indexTar(path);
  const nameOf = (file: string) => `${toPrintable(name)}/${toPrintable(file)}`;
  const locate = (file: string) => locateFile(index, file, nameOf(file));
  return {
    path: name,
    kind: 'tar',
    notes: options.notes ?? [
      `${toPrintable(name)} is a tar archive; it is read without unpacking.`,
    ],
    nameOf,
    list: async () => index.listing,
    find: async (file) => toStoredFile(path, { name: nameOf(file), ...locate(file) }),
    readEach: async function* (files) {
      const descriptor = openForReading(path);
      try {
        for (const file of files)
          yield readSmall(descriptor, { name: nameOf(file), ...locate(file) });
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

interface FilePlace {
  readonly offset: number;
  readonly sizeBytes: number;
}

function locateFile({ listing, offsets, sizes }: TarIndex, path: string, name: string): FilePlace {
  const index = listing.paths.indexOf(path);
  const [offset, sizeBytes] = [offsets[index], sizes[index]];
  if (offset !== undefined && sizeBytes !== undefined) return { offset, sizeBytes };
  throw new AlexNetError('NOT_FOUND', {
    message: `${name} does not exist.`,
    hint: 'Check the path in the archive.',
    path: [name],
  });
}

type NamedPlace = FilePlace & { readonly name: string };

function toStoredFile(path: string, { name, offset, sizeBytes }: NamedPlace): StoredFile {
  const read = async (lengthBytes: number) => {
    const bytes = await readPart(path, { offset, lengthBytes });
    if (bytes.length < lengthBytes) throw cutShort(name, lengthBytes, bytes.length);
    return bytes;
  };
  return {
    name,
    sizeBytes,
    read: () => read(sizeBytes),
    readHead: (lengthBytes) => read(Math.min(lengthBytes, sizeBytes)),
  };
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw toSystemError(error, path);
  }
}

function readSmall(descriptor: number, { name, offset, sizeBytes }: NamedPlace): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  const count = readSync(descriptor, bytes, 0, sizeBytes, offset);
  if (count < sizeBytes) throw cutShort(name, sizeBytes, count);
  return bytes;
}

function cutShort(name: string, expected: number, found: number): AlexNetError {
  return new AlexNetError('IO', {
    message: `${name} has ${found} of its ${expected} bytes: the archive was changed since it was opened.`,
    hint: 'Leave it as it is while it is read.',
    path: [name],
  });
}
