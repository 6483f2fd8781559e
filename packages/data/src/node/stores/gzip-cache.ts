import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import { hasCode, toSystemError } from '../system-error.ts';

/** Bytes that a gzip file may unpack to: this many for each of its own, and {@link SMALL_BYTES} in any case. */
const MAX_RATIO = 100;
const SMALL_BYTES = 2 ** 26;

/**
 * Unpacks a gzipped archive once, into a file of its own in the cache, and gives its path.
 *
 * A gzip file can only be read from its beginning on, while training reads pictures in any order. The unpacked
 * copy is found again by the checksum of the packed file, and costs the disk as much as the pictures; memory
 * holds a few blocks. (An index of places to unpack from would need 32 KiB for each, and two megabytes unpacked
 * for each picture; Node's zlib cannot begin between two bytes at all.)
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` for a damaged file, or one that unpacks to far more than
 *   pictures can; `NOT_FOUND`, `IO`, `DISK_FULL`
 */
export async function unpackGzip(path: string): Promise<string> {
  const folder = archivesFolder(process.env);
  const target = join(folder, `${await hashFile(path)}.tar`);
  if (await exists(target)) return target;
  const temporary = `${target}.${randomUUID()}.part`;
  try {
    await mkdir(folder, { recursive: true });
    await unpackInto(path, temporary);
    await rename(temporary, target);
    return target;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** `$ALEXNET_CACHE/archives`, else `$XDG_CACHE_HOME/alexnet/archives`, else `~/.cache/alexnet/archives`. */
function archivesFolder({ ALEXNET_CACHE: own, XDG_CACHE_HOME: shared }: NodeJS.ProcessEnv): string {
  return resolve(own || join(shared || join(homedir(), '.cache'), 'alexnet'), 'archives');
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  } catch (error) {
    throw toSystemError(error, path);
  }
  return hash.digest('hex');
}

async function unpackInto(path: string, temporary: string): Promise<void> {
  const name = toPrintable(path);
  const { size } = await stat(path);
  const limit = SMALL_BYTES + MAX_RATIO * size;
  let unpackedBytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _, done) {
      unpackedBytes += chunk.length;
      if (unpackedBytes <= limit) done(null, chunk);
      else done(tooLarge(name, size, limit));
    },
  });
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      guard,
      createWriteStream(temporary, { mode: 0o600 }),
    );
    const file = await open(temporary, 'r+');
    await file.sync().finally(() => file.close());
  } catch (cause) {
    throw toUnpackingError(cause, name);
  }
}

function toUnpackingError(cause: unknown, name: string): unknown {
  if (isAlexNetError(cause)) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AlexNetError('DISK_FULL', {
      message: `${name} cannot be unpacked: the disk of the cache is full.`,
      hint: 'Free some space, or name another folder in ALEXNET_CACHE. A .tar needs no unpacking: gunzip it yourself.',
      path: [name],
      cause,
    });
  }
  if (!code.startsWith('Z_')) return toSystemError(cause, name);
  const state = code === 'Z_BUF_ERROR' ? 'cut short' : 'damaged';
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} is a gzip file that is ${state} (${cause instanceof Error ? cause.message : code}).`,
    hint: 'Fetch it again, and hold it against its checksum.',
    path: [name],
    cause,
  });
}

function tooLarge(name: string, packedBytes: number, limit: number): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} has ${packedBytes} bytes and unpacks to more than ${limit}: pictures do not shrink so much.`,
    hint: 'If you trust it, unpack it yourself and give the folder.',
    path: [name],
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw toSystemError(error, path);
  }
}
