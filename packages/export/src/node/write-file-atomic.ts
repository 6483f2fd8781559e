import { randomUUID } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlexNetError, invariant } from '@alexnet/core';
import { notAFile, toFileError } from './file-error.ts';

/** What takes bytes as they come: a `Hash` of `node:crypto`. */
export interface ByteHash {
  update(bytes: Uint8Array): unknown;
}

/** The beginning of a file that is known once the rest has been gone through: its checksums, for instance. */
export interface FileHeader {
  readonly sizeBytes: number;
  /** Called when all parts are written; so many bytes. */
  encode(): Uint8Array;
}

export interface WriteFileOptions {
  /** Comes before the parts, and is written after them. */
  readonly header?: FileHeader;
  /** Are given all parts, while they are written. */
  readonly hashes?: readonly ByteHash[];
}

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
  options: WriteFileOptions = {},
): Promise<void> {
  try {
    const target = await findTarget(path);
    const staged = await stageFile(target, parts, options);
    await staged.commit(target);
    await flushFolder(dirname(target));
  } catch (cause) {
    throw toFileError(cause, 'write', path);
  }
}

/** A file that is written, and waits under another name for its own. */
export interface StagedFile {
  /** Brings it onto the disk; of several, better all at once: a disk that flushes one writes others slowly. */
  flush(): Promise<void>;
  /**
   * Flushes it and gives it its name, in the same folder. What is there is replaced; if that fails, the waiting file
   * is removed.
   */
  commit(path: string): Promise<void>;
  discard(): Promise<void>;
}

/**
 * The first half of {@link writeFileAtomic}, for several files that belong together.
 *
 * @param path - the waiting file's name begins with this one
 * @throws what the system says; nothing is left behind
 */
export async function stageFile(
  path: string,
  parts: Iterable<Uint8Array> | string,
  { header, hashes = [] }: WriteFileOptions = {},
): Promise<StagedFile> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const list = typeof parts === 'string' ? [new TextEncoder().encode(parts)] : parts;
  const handle = await open(temporary, 'wx');
  let flushing: Promise<void> | undefined;
  const flush = () => {
    flushing ??= handle.sync().finally(() => handle.close());
    return flushing;
  };
  const discard = async () => {
    if (!flushing) await handle.close();
    flushing ??= Promise.resolve();
    await flushing.catch(() => undefined);
    await rm(temporary, { force: true });
  };
  const orDiscard = async (step: () => Promise<void>) => {
    try {
      await step();
    } catch (cause) {
      await discard();
      throw cause;
    }
  };
  await orDiscard(async () => {
    await writeParts(handle, list, { position: header?.sizeBytes ?? 0, hashes });
    if (header) await writeHeader(handle, header);
  });
  const commit = (target: string) =>
    orDiscard(async () => {
      await flush();
      await rename(temporary, target);
    });
  return { flush, commit, discard };
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

async function writeHeader(handle: FileHandle, { sizeBytes, encode }: FileHeader): Promise<void> {
  const bytes = encode();
  invariant(bytes.length === sizeBytes, `a header of ${bytes.length} bytes, not ${sizeBytes}`);
  await writeAll(handle, bytes, 0);
}

async function writeParts(
  handle: FileHandle,
  parts: Iterable<Uint8Array>,
  { position, hashes }: { readonly position: number; readonly hashes: readonly ByteHash[] },
): Promise<void> {
  const flusher = createFlusher(handle);
  let at = position;
  for (const part of cutParts(parts)) {
    const writing = writeAll(handle, part, at);
    at += part.length;
    // Meanwhile, on this thread.
    for (const hash of hashes) hash.update(part);
    await writing;
    flusher.add(part.length);
  }
  await flusher.finish();
}

/** What is flushed at once: often enough that little is left at the end, seldom enough that writing goes on. */
const FLUSH_BYTES = 2 ** 26;

interface Flusher {
  /** So many bytes more are written. */
  add(bytes: number): void;
  /** Waits for what is under way, and throws what went wrong in it. */
  finish(): Promise<void>;
}

/** Brings a file onto the disk while more of it is written, so that little is left to wait for. */
function createFlusher(handle: FileHandle): Flusher {
  let waitingBytes = 0;
  let flushing: Promise<unknown> | undefined;
  const failures: unknown[] = [];
  return {
    add(bytes) {
      waitingBytes += bytes;
      if (flushing || waitingBytes < FLUSH_BYTES) return;
      waitingBytes = 0;
      flushing = handle
        .datasync()
        .catch((cause: unknown) => failures.push(cause))
        .finally(() => {
          flushing = undefined;
        });
    },
    async finish() {
      await flushing;
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Hashing is synchronous: between slices of this size other work gets its turn, and what is hashed is still in the cache when it is copied. */
const SLICE_BYTES = 2 ** 20;

function* cutParts(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const part of parts) {
    for (let offset = 0; offset < part.length; offset += SLICE_BYTES) {
      yield part.subarray(offset, offset + SLICE_BYTES);
    }
  }
}

/** A write call of the system may take less than it is given. */
async function writeAll(handle: FileHandle, part: Uint8Array, position: number): Promise<void> {
  for (let offset = 0; offset < part.length; ) {
    const { bytesWritten } = await handle.write(
      part,
      offset,
      part.length - offset,
      position + offset,
    );
    offset += bytesWritten;
  }
}

/**
 * Makes the new name outlast a power cut. The file is whole under its name already, so that a system that
 * does not flush folders (Windows, some network disks) is no reason to fail.
 */
export async function flushFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}
