import { constants, copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import { onMissing } from '../terminal/on-missing.ts';
import { FRAMEWORK, isNeededHeader, LIBRARIES, type LibrarySource } from './library-source.ts';

/** A folder with both libraries and their headers: how archives of libtensorflow, wheels and Python's packages unpack. */
interface Layout {
  readonly libraries: string;
  readonly include: string;
}

const LAYOUTS: readonly Layout[] = [
  { libraries: 'lib', include: 'include' },
  { libraries: '.', include: 'include' },
  { libraries: 'tensorflow', include: 'tensorflow/include' },
];

/**
 * An unpacked libtensorflow, an unpacked wheel, or the folder `tensorflow` of a Python that has it.
 *
 * @throws {@link AlexNetError} `NOT_FOUND` if it has no library or no headers
 */
export async function readFolderSource(folder: string): Promise<LibrarySource> {
  for (const layout of LAYOUTS) {
    const include = join(folder, layout.include);
    const files = LIBRARIES.map((library) =>
      [library, FRAMEWORK].map((name) => join(folder, layout.libraries, name)),
    );
    const sizes = await Promise.all(files.map(measureAll));
    const index = sizes.findIndex((size) => size !== null);
    if (index < 0 || (await sizeOf(join(include, 'tensorflow/c/c_api.h'))) === null) continue;
    return {
      sizeBytes: sizes[index] ?? 0,
      place: (target, signal) => copyAll(files[index] ?? [], { include, target, signal }),
    };
  }
  throw new AlexNetError('NOT_FOUND', {
    message: `${folder} is no unpacked libtensorflow: there is no ${LIBRARIES[1]} with ${FRAMEWORK} and include/tensorflow/c/c_api.h.`,
    hint: 'Give the folder into which libtensorflow-….tar.gz or a wheel was unpacked, or site-packages/tensorflow of a Python that has it.',
    path: [folder],
  });
}

/** @returns null if one is missing */
async function measureAll(files: readonly string[]): Promise<number | null> {
  let sum = 0;
  for (const file of files) {
    const size = await sizeOf(file);
    if (size === null) return null;
    sum += size;
  }
  return sum;
}

async function sizeOf(file: string): Promise<number | null> {
  const stats = await stat(file).catch(onMissing(null));
  return stats?.isFile() ? stats.size : null;
}

async function copyAll(
  libraries: readonly string[],
  {
    include,
    target,
    signal,
  }: {
    readonly include: string;
    readonly target: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const headers = (await readdir(include, { recursive: true })).filter(isNeededHeader);
  const copies = [
    ...libraries.map((path) => [path, join(target, 'lib', basename(path))] as const),
    ...headers.map((path) => [join(include, path), join(target, 'include', path)] as const),
  ];
  for (const [from, to] of copies) {
    signal?.throwIfAborted();
    try {
      await mkdir(dirname(to), { recursive: true });
      await copyFile(from, to, constants.COPYFILE_FICLONE);
    } catch (cause) {
      throw toFileError(cause, 'write', to);
    }
  }
}
