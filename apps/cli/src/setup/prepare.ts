import { mkdir, statfs } from 'node:fs/promises';
import { AlexNetError } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import { formatBytes } from '../terminal/format.ts';
import { checkAttachable } from './attach-library.ts';
import { checkPlatform, readPlatform } from './check-platform.ts';
import { findCompiler, findNpm, findPip, type Invocation } from './find-programs.ts';
import { readFolderSource } from './folder-source.ts';
import { findPackage } from './install-package.ts';
import type { LibrarySource } from './library-source.ts';
import { NPM_BYTES, type TfjsPackage } from './tfjs-packages.ts';
import { readWheelSource } from './wheel-source.ts';

/** Where the library comes from: a wheel, a folder, or, without either, PyPI. */
export interface Origin {
  readonly wheel?: string;
  readonly libtensorflow?: string;
}

/** All that an installation takes, found before anything is fetched. */
export interface Preparation {
  readonly compiler: Invocation;
  /** Folder of a package that is there already; else what installs one. */
  readonly found: string | null;
  readonly npm: Invocation | null;
  /** The library; else what fetches it. */
  readonly source: LibrarySource | null;
  readonly pip: Invocation | null;
}

interface PrepareOptions {
  readonly origin: Origin;
  /** Whose package is used, if it has one. */
  readonly caller: string;
  /** Where all goes. */
  readonly root: string;
  readonly signal?: AbortSignal;
}

/**
 * Looks for all that is needed.
 *
 * @throws {@link AlexNetError} for the first thing that is missing, with what mends it: `UNSUPPORTED`,
 *   `MISSING_DEPENDENCY`, `ALREADY_EXISTS`, `NOT_FOUND`, `IO`, `DISK_FULL`
 */
export async function prepare(wanted: TfjsPackage, options: PrepareOptions): Promise<Preparation> {
  const { origin, caller, root, signal } = options;
  checkPlatform(readPlatform());
  const compiler = await findCompiler();
  const source = await findSource(origin, wanted, signal);
  const pip = source ? null : await findPip();
  const found = await findPackage(wanted, caller);
  if (found !== null) await checkAttachable(found);
  const npm = found === null ? await findNpm() : null;
  const { sizeBytes, unpackedBytes } = wanted.wheel;
  const libraryBytes = source ? source.sizeBytes : sizeBytes + unpackedBytes;
  await checkDisk(root, libraryBytes + (npm ? NPM_BYTES : 0));
  return { compiler, source, pip, found, npm };
}

async function findSource(
  { wheel, libtensorflow }: Origin,
  wanted: TfjsPackage,
  signal: AbortSignal | undefined,
): Promise<LibrarySource | null> {
  if (wheel !== undefined) return readWheelSource(wheel, wanted, signal);
  return libtensorflow === undefined ? null : readFolderSource(libtensorflow);
}

async function checkDisk(root: string, neededBytes: number): Promise<void> {
  let freeBytes: number;
  try {
    await mkdir(root, { recursive: true });
    const { bavail, bsize } = await statfs(root);
    freeBytes = bavail * bsize;
  } catch (cause) {
    throw toFileError(cause, 'write', root);
  }
  if (freeBytes >= neededBytes) return;
  throw new AlexNetError('DISK_FULL', {
    message: `${root} has ${formatBytes(freeBytes)} left, and ${formatBytes(neededBytes)} are needed.`,
    hint: 'Make room, or name a folder on another disk in ALEXNET_CACHE.',
  });
}
