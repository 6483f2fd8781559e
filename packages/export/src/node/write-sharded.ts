import { createHash } from 'node:crypto';
import { lstat, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { type ExternalFile, MAX_EXTERNAL_FILES } from '../external/file-list.ts';
import {
  moveOut,
  planShards,
  type Shard,
  type StoredShard,
  shardParts,
} from '../external/plan-shards.ts';
import { formatFiles } from '../metadata.ts';
import { encodeModelParts } from '../proto/codec.ts';
import type { ModelProto } from '../proto/messages.ts';
import { notAFile, toFileError } from './file-error.ts';
import { flushFolder, type StagedFile, stageFile } from './write-file-atomic.ts';

export interface WrittenFile {
  /** The path as it was given. */
  readonly file: string;
  readonly bytes: number;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
  /** The files beside it that hold the weights; none unless asked for. */
  readonly files: readonly ExternalFile[];
}

/** Below what content networks take: 25 MiB, some 20 MB. */
const DEFAULT_SHARD_BYTES = 20 * 2 ** 20;

/**
 * Writes a model whose weights lie in files beside it: all of them or none.
 *
 * The names of these files end with the first digits of their sha256. A new file never takes the name of another one
 * that the old model reads, so that at any moment the model at `path` finds the weights that it was written with; it
 * is renamed last. (No cache of a web server mixes them either.)
 *
 * @throws AlexNetError as `writeFileAtomic`; `INVALID_ARGUMENT` for a link in a file's place, and for shards that are
 *   smaller than a row of a weight or too many
 */
export async function writeSharded(
  path: string,
  model: ModelProto,
  shardBytes: number = DEFAULT_SHARD_BYTES,
): Promise<WrittenFile> {
  checkShardSize(shardBytes);
  const plan = planShards(model, shardBytes);
  checkCount(plan.shards.length, shardBytes);
  const waiting: Waiting[] = [];
  try {
    await checkTarget(path);
    const stored: StoredShard[] = [];
    const files: ExternalFile[] = [];
    for (const [index, shard] of plan.shards.entries()) {
      const { file, bytes, sha1, sha256 } = await stageShard(path, shard);
      const name = shardName(path, index + 1, sha256);
      waiting.push({ path: join(dirname(path), name), file });
      stored.push({ shard, name, sha1 });
      files.push({ name, bytes, sha256 });
    }
    const outside = moveOut(plan.model, stored);
    const metadataProps = [...outside.metadataProps, formatFiles(files)];
    const parts = encodeModelParts({ ...outside, metadataProps });
    const sha256 = createHash('sha256');
    waiting.push({ path, file: await stageFile(path, parts, { hashes: [sha256] }) });
    await Promise.all(waiting.map(({ file }) => file.flush()));
    await commitAll(waiting);
    const bytes = parts.reduce((total, part) => total + part.length, 0);
    return { file: path, bytes, sha256: sha256.digest('hex'), files };
  } catch (cause) {
    for (const { file } of waiting) await file.discard();
    throw toFileError(cause, 'write', path);
  }
}

function shardName(path: string, number: number, sha256: string): string {
  return `${basename(path)}.data-${String(number).padStart(5, '0')}-${sha256.slice(0, 8)}`;
}

/** Whether a file is one that {@link writeSharded} put beside the model at this path. */
export function isShardName(name: string, path: string): boolean {
  const start = `${basename(path)}.data-`;
  return name.startsWith(start) && /^\d{5}-[0-9a-f]{8}$/.test(name.slice(start.length));
}

/** A file that waits for its name. */
interface Waiting {
  readonly path: string;
  readonly file: StagedFile;
}

async function stageShard(
  path: string,
  shard: Shard,
): Promise<{ file: StagedFile; bytes: number; sha1: string; sha256: string }> {
  const hashes = [createHash('sha1'), createHash('sha256')] as const;
  const file = await stageFile(`${path}.data`, shardParts(shard), { hashes });
  const last = shard.at(-1);
  const bytes = (last?.offset ?? 0) + (last?.tensor.rawData?.length ?? 0);
  const [sha1, sha256] = hashes;
  return { file, bytes, sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
}

/** Gives all files their names, the model's last. What is new is removed again where one of them fails. */
async function commitAll(waiting: readonly Waiting[]): Promise<void> {
  const made: string[] = [];
  try {
    for (const [index, { path, file }] of waiting.entries()) {
      const isModel = index === waiting.length - 1;
      // A model that outlasts a power cut finds its weights.
      if (isModel) await flushFolder(dirname(path));
      const isNew = await checkTarget(path);
      await file.commit(path);
      if (isNew) made.push(path);
    }
  } catch (cause) {
    for (const path of made) await rm(path, { force: true });
    throw cause;
  }
  await flushFolder(dirname(waiting.at(-1)?.path ?? ''));
}

/**
 * Whether a name is free. A link is no place for a file whose fellows have to lie beside it, and may lead to any file
 * of the writer's (CVE-2025-51480, CVE-2026-27489).
 */
async function checkTarget(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (stats === null) return true;
  if (stats.isFile()) return false;
  if (stats.isSymbolicLink()) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${path} is a link, and weights beside a model are not written through one.`,
      hint: `Name the file itself: realpath ${path}. Or remove the link.`,
      path: [path],
    });
  }
  const { code, ...details } = notAFile(path, stats.isDirectory() ? 'a folder' : 'a device');
  throw new AlexNetError(code, { ...details, path: [path] });
}

function checkShardSize(bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes > 0) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `shardSizeBytes is ${bytes}.`,
    hint: 'Give a whole number of bytes above 0; 20 * 2 ** 20 is the default.',
    path: ['shardSizeBytes'],
  });
}

function checkCount(count: number, shardBytes: number): void {
  if (count <= MAX_EXTERNAL_FILES) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `Shards of ${shardBytes} bytes would be ${count} files; ${MAX_EXTERNAL_FILES} is the limit.`,
    hint: 'Choose larger ones.',
    path: ['shardSizeBytes'],
  });
}
