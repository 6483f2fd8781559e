import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import { AlexNetError } from '@alexnet/core';
import type { ByteSource } from '../proto/byte-source.ts';
import { notAFile, toFileError } from './file-error.ts';

/** Unless the caller knows better: what one ONNX file can hold. */
const DEFAULT_LIMIT_BYTES: number = 2 ** 31 - 1;

/** What one read call of the system takes. */
const READ_BYTES = 2 ** 26;

export interface ReadFileOptions {
  /** Longer files are refused before they are read; 2 GiB unless given. */
  readonly limitBytes?: number;
  /**
   * Refuses a link, symbolic or hard: for names that come out of a file, and may lead to any file of the
   * reader's (CVE-2026-27489).
   */
  readonly refusesLinks?: boolean;
}

/**
 * Reads a whole file.
 *
 * @throws AlexNetError `NOT_FOUND`, `INVALID_ARGUMENT` for a folder or a device, `UNSUPPORTED` above the
 *   limit, `IO`
 */
export function readFileBytes(path: string, options: ReadFileOptions = {}): Promise<Uint8Array> {
  return withFile(path, options, (file) => file.read(0, file.byteLength));
}

/** A file that is open. */
export interface OpenFile extends ByteSource {
  /** Its first bytes, as many as there is room for. */
  readInto(bytes: Uint8Array): Promise<void>;
}

/** Opens a file as {@link readFileBytes} does, for as long as `use` takes. */
export async function withFile<T>(
  path: string,
  { limitBytes = DEFAULT_LIMIT_BYTES, refusesLinks = false }: ReadFileOptions,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    // Before it is opened: opening a pipe waits for someone to write to it.
    const size = checkSize(await stat(path), path, limitBytes);
    if (refusesLinks) checkNoLink(await lstat(path), path);
    const opened = await open(path, constants.O_RDONLY | (refusesLinks ? NO_FOLLOW : 0));
    handle = opened;
    if (refusesLinks) checkNoLink(await opened.stat(), path);
    const readInto = (bytes: Uint8Array) => fill(opened, path, { bytes, offset: 0 });
    const read = async (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      await fill(opened, path, { bytes, offset });
      return bytes;
    };
    return await use({ byteLength: size, read, readInto });
  } catch (cause) {
    throw toFileError(cause, 'read', path);
  } finally {
    await handle?.close();
  }
}

/** 0 on Windows, which has no such flag. */
const NO_FOLLOW: number = constants.O_NOFOLLOW ?? 0;

function checkNoLink(stats: Stats, path: string): void {
  if (!stats.isSymbolicLink() && stats.nlink <= 1) return;
  throw new AlexNetError('UNSUPPORTED', {
    message: `${path} is a link to a file, and a model may not choose which file is read.`,
    hint: `Put a copy in its place: cp --remove-destination "$(realpath ${path})" ${path}`,
    path: [path],
  });
}

function checkSize(stats: Stats, path: string, limitBytes: number): number {
  if (!stats.isFile()) {
    const { code, ...details } = notAFile(path, stats.isDirectory() ? 'a folder' : 'a device');
    throw new AlexNetError(code, { ...details, path: [path] });
  }
  if (stats.size > limitBytes) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${path} has ${stats.size} bytes; at most ${limitBytes} are read.`,
      hint: 'Is this the right file?',
      path: [path],
    });
  }
  return stats.size;
}

async function fill(
  handle: FileHandle,
  path: string,
  { bytes, offset }: { readonly bytes: Uint8Array; readonly offset: number },
): Promise<void> {
  const { length } = bytes;
  for (let done = 0; done < length; ) {
    const wanted = Math.min(READ_BYTES, length - done);
    const { bytesRead } = await handle.read(bytes, done, wanted, offset + done);
    if (bytesRead === 0) {
      throw new AlexNetError('IO', {
        message: `${path} became shorter while it was read: it ends at byte ${offset + done}, not ${offset + length}.`,
        hint: 'Try again when nothing writes to it.',
        path: [path],
      });
    }
    done += bytesRead;
  }
}
