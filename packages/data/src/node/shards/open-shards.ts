import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '../../dataset/dataset.ts';
import { toPrintable } from '../../printable.ts';
import { toSystemError } from '../system-error.ts';
import { hashFile } from './hash-file.ts';
import { type OpenShard, openShard } from './open-shard.ts';
import {
  parseShardsIndex,
  parseShardTable,
  SHARDS_FILE,
  type ShardEntry,
  type ShardPart,
  type ShardsIndex,
} from './shard-format.ts';

export interface OpenedShards {
  readonly index: ShardsIndex;
  readonly training: Dataset;
  readonly validation: Dataset | null;
  readonly test: Dataset | null;
}

export interface OpenShardsOptions {
  /** The classes in the order wanted, a model's for example; the shards' own unless given. */
  readonly labels?: readonly string[];
}

/**
 * Opens prepared shards. Tables of contents are read and checked against their checksums, pixels against
 * their size; each picture is checked when it is read.
 *
 * Any picture can be had at any time, at the price of reading its bytes; pixels lie in shared memory, so
 * that threads need no copy. Keys are those of the source, so that a split is the same.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the file that is missing, too short or not as its
 *   checksum says; `NOT_FOUND`, `IO`. From `readPicture`: `INVALID_DATASET` naming the shard
 * @example
 * const { training } = await openShards('shards');
 * console.log(training.length, training.labels); // 1600 [ 'daisy', 'dandelion', … ]
 */
export async function openShards(
  folder: string,
  { labels }: OpenShardsOptions = {},
): Promise<OpenedShards> {
  const path = join(folder, SHARDS_FILE);
  const index = parseShardsIndex((await readWhole(path)).toString(), toPrintable(path));
  const classes = matchClasses(index.labels, labels ?? index.labels, path);
  const open = async (part: ShardPart) => {
    const entries = index.parts[part];
    if (entries === undefined) return null;
    const shards: OpenShard[] = [];
    for (const entry of entries) shards.push(await checkShard(folder, entry, index));
    return createShardsDataset(index, shards, classes);
  };
  const training = await open('training');
  if (training === null) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${toPrintable(path)} names no training pictures.`,
      hint: 'Prepare the shards again: alexnet data prepare',
    });
  }
  return { index, training, validation: await open('validation'), test: await open('test') };
}

/**
 * Reads every byte of prepared shards and holds it against its checksum.
 *
 * @returns a sentence for each shard that is not as it was written
 * @throws {@link AlexNetError} what {@link openShards} throws
 */
export async function verifyShards(folder: string): Promise<readonly string[]> {
  const { index } = await openShards(folder);
  const problems: string[] = [];
  for (const { file, sha256 } of Object.values(index.parts).flat()) {
    const found = await hashFile(join(folder, `${file}.pixels`));
    if (found.sha256 !== sha256) problems.push(describeDamage(file, found.sha256, sha256));
  }
  return problems;
}

async function checkShard(
  folder: string,
  entry: ShardEntry,
  { labels }: ShardsIndex,
): Promise<OpenShard> {
  const path = join(folder, `${entry.file}.json`);
  const bytes = await readWhole(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== entry.tableSha256) {
    throw damaged(describeDamage(`${entry.file}.json`, sha256, entry.tableSha256), path);
  }
  const table = parseShardTable(bytes.toString(), toPrintable(path));
  const stray = table.labels.find((label) => label >= labels.length);
  if (stray !== undefined) {
    throw damaged(`${toPrintable(path)} has a class ${stray} of ${labels.length}.`, path);
  }
  const pixels = join(folder, `${entry.file}.pixels`);
  const stats = await stat(pixels).catch((error: unknown) => {
    throw toSystemError(error, pixels);
  });
  if (stats.size !== entry.sizeBytes || table.sizeBytes !== entry.sizeBytes) {
    throw damaged(
      `${toPrintable(pixels)} has ${stats.size} bytes where ${entry.sizeBytes} were written.`,
      pixels,
    );
  }
  return openShard(pixels, table, async () => {
    const found = await hashFile(pixels);
    return damaged(describeDamage(entry.file, found.sha256, entry.sha256), pixels);
  });
}

interface Classes {
  readonly labels: readonly string[];
  /** Index among the labels, by the number that the shards hold. */
  readonly indices: readonly number[];
}

/** @throws {@link AlexNetError} `INVALID_DATASET` naming the classes that are not among those wanted */
function matchClasses(own: readonly string[], labels: readonly string[], path: string): Classes {
  const indices = own.map((label) => labels.indexOf(label));
  const unknown = own.filter((_, i) => indices[i] === -1);
  if (unknown.length === 0) return { labels, indices };
  throw new AlexNetError('INVALID_DATASET', {
    message: `${toPrintable(path)} has classes that are not among the ${labels.length} expected: ${unknown.slice(0, 5).map(toPrintable).join(', ')}${unknown.length > 5 ? ', …' : ''}.`,
    hint: `Expected are: ${labels.slice(0, 10).map(toPrintable).join(', ')}${labels.length > 10 ? ', …' : ''}.`,
    path: unknown,
  });
}

function createShardsDataset(
  { name, shape }: ShardsIndex,
  shards: readonly OpenShard[],
  { labels, indices }: Classes,
): Dataset {
  const starts = new Float64Array(shards.length + 1);
  for (const [i, { table }] of shards.entries()) {
    starts[i + 1] = (starts[i] ?? 0) + table.keys.length;
  }
  const length = starts[shards.length] ?? 0;
  const channels = commonChannels(shards);
  const { size } = shape;
  const find = (index: number) => {
    let number = 0;
    for (let step = 2 ** Math.ceil(Math.log2(shards.length + 1)); step >= 1; step /= 2) {
      if (number + step < shards.length && (starts[number + step] ?? 0) <= index) number += step;
    }
    return { shard: shards[number], place: index - (starts[number] ?? 0) };
  };
  const findExisting = (index: number) => {
    const { shard, place } = find(index);
    if (shard && place < shard.table.keys.length && place >= 0) return { shard, place };
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${name}" has ${length} pictures, so there is no index ${index}.`,
      hint: `Indices go from 0 to ${length - 1}.`,
    });
  };
  const keyOf = (index: number) => {
    const { shard, place } = find(index);
    return shard?.table.keys[place] ?? '';
  };
  return {
    name,
    labels,
    length,
    ...(channels === null ? {} : { channels }),
    ...(shape.kind === 'short-side' ? {} : { pictureSize: { width: size, height: size } }),
    labelOf: (index) => {
      const { shard, place } = find(index);
      return indices[shard?.table.labels[place] ?? -1] ?? -1;
    },
    nameOf: (index) => toPrintable(keyOf(index)),
    keyOf,
    readPicture: async (index) => {
      const { shard, place } = findExisting(index);
      return shard.readPicture(place);
    },
    deferPicture: async (index) => {
      const { shard, place } = findExisting(index);
      return shard.deferPicture(place);
    },
    confirmPicture: (index) => {
      const { shard, place } = findExisting(index);
      shard.confirmPicture(place);
    },
  };
}
/** `null` where some pictures are grey and some are not. */
function commonChannels(shards: readonly OpenShard[]): 1 | 3 | null {
  const found = new Set(shards.flatMap(({ table }) => [...new Set(table.channels)]));
  if (found.size !== 1) return null;
  return found.has(1) ? 1 : 3;
}

async function readWhole(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw toSystemError(error, path);
  });
}

function describeDamage(file: string, found: string, written: string): string {
  return `The shard ${file} is damaged: its sha256 is ${found}, written was ${written}.`;
}

function damaged(message: string, path: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message,
    hint: 'Call "alexnet data prepare" again with the same folders: it makes again what is damaged, and that alone.',
    path: [path],
  });
}
