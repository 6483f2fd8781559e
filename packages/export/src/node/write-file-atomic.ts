import { randomUUID } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { notAFile, toFileError } from './file-error.ts';

/**
 * Writes a file whole or not at all: under another name in the same folder, flushed to the disk, then
 * renamed. At any moment, also after a crash, `path` holds either what was there before or all that is
 * new. If `path` is a symbolic link, the file that it points to is replaced.
 *
 * @param parts - written one after another, or a text, written as UTF-8
 * @throws AlexNetError `NOT_FOUND` for a missing folder, `INVALID_ARGUMENT` for a path that is a folder or
 *   a device, `DISK_FULL`, `IO`. The temporary file is removed.
 */
export async function writeFileAtomic(
  path: string,
  parts: Iterable<Uint8Array> | string,
): Promise<void> {
  try {
    const target = await findTarget(path);
    const temporary = `${target}.${randomUUID()}.tmp`;
    try {
      await writeAndFlush(temporary, parts);
      await rename(temporary, target);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
    await flushFolder(dirname(target));
  } catch (cause) {
    throw toFileError(cause, 'write', path);
  }
}

/** Renaming onto a link would replace the link, onto a device (as root) the device. */
async function findTarget(path: string): Promise<string> {
  let target: string;
  try {
    target = await realpath(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return path;
    throw cause;
  }
  const stats = await stat(target);
  if (stats.isFile()) return target;
  const { code, ...details } = notAFile(path, stats.isDirectory() ? 'a folder' : 'a device');
  throw new AlexNetError(code, { ...details, path: [path] });
}

async function writeAndFlush(path: string, parts: Iterable<Uint8Array> | string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    const list = typeof parts === 'string' ? [new TextEncoder().encode(parts)] : parts;
    for (const part of list) await writeAll(handle, part);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A write call of the system may take less than it is given. */
async function writeAll(handle: FileHandle, part: Uint8Array): Promise<void> {
  for (let offset = 0; offset < part.length; ) {
    const { bytesWritten } = await handle.write(part, offset, part.length - offset);
    offset += bytesWritten;
  }
}

/**
 * Makes the new name outlast a power cut. The file is whole under its name already, so that a system that
 * does not flush folders (Windows, some network disks) is no reason to fail.
 */
async function flushFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}
