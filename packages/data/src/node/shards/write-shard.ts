import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { AlexNetError, messageOf } from '@alexnet/core';
import pLimit from 'p-limit';
import { type BadPictureLog, isBadPicture } from '../../dataset/bad-pictures.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import { checkPicture, type Picture } from '../../picture/picture.ts';
import { fitPicture } from './fit-picture.ts';
import {
  formatShardFile,
  type ShardEntry,
  type ShardPart,
  type ShardShape,
  type ShardTable,
} from './shard-format.ts';
import { writeWholeFile } from './write-whole-file.ts';

/** What is to be in a shard. */
export interface ShardPlan {
  readonly part: ShardPart;
  readonly file: string;
  readonly dataset: Dataset;
  readonly indices: readonly number[];
  readonly shape: ShardShape;
  /** Of keys, classes and shape. */
  readonly sha256: string;
}

interface WriteShardOptions {
  readonly badPictures: BadPictureLog;
  readonly signal?: AbortSignal;
  /** Pictures of this shard. */
  readonly onProgress: (pictures: number) => void;
}

/** Pictures being decoded, or waiting to be written, at a time. */
const AHEAD = 16;

/**
 * Makes one shard: first the pixels, then the table that makes them count.
 *
 * @throws AlexNetError `INVALID_DATASET` if too many pictures are bad; `DISK_FULL`, `IO`, `ABORTED`
 */
export async function writeShard(
  folder: string,
  plan: ShardPlan,
  options: WriteShardOptions,
): Promise<{ readonly entry: ShardEntry; readonly skipped: number }> {
  const path = join(folder, plan.file);
  const columns = createColumns();
  const pixels = await writeWholeFile(`${path}.pixels`, readPixels(plan, columns, options));
  const table: ShardTable = { planSha256: plan.sha256, ...pixels, ...columns };
  const { sha256 } = await writeWholeFile(`${path}.json`, [formatShardFile(table)]);
  const entry = { file: plan.file, pictures: columns.keys.length, ...pixels, tableSha256: sha256 };
  return { entry, skipped: columns.skipped.length };
}

interface Columns {
  readonly keys: string[];
  readonly labels: number[];
  readonly widths: number[];
  readonly heights: number[];
  readonly channels: number[];
  readonly crc32: number[];
  readonly skipped: { readonly name: string; readonly reason: string }[];
}

function createColumns(): Columns {
  return { keys: [], labels: [], widths: [], heights: [], channels: [], crc32: [], skipped: [] };
}

/** The pixels of the plan's pictures in its order; fills the columns on the way. */
async function* readPixels(
  { dataset, indices, shape }: ShardPlan,
  columns: Columns,
  { badPictures, signal, onProgress }: WriteShardOptions,
): AsyncGenerator<Uint8Array> {
  const limiter = pLimit(AHEAD);
  const ahead: Promise<Picture>[] = [];
  let next = 0;
  let isOver = false;
  const read = async (index: number) => {
    checkGoingOn(isOver, signal);
    const picture = await dataset.readPicture(index);
    checkPicture(picture);
    return fitPicture(picture, shape);
  };
  try {
    for (const [done, index] of indices.entries()) {
      for (; next < indices.length && ahead.length < AHEAD; next++) {
        const picture = limiter(read, indices[next] ?? -1);
        // Its failure is told when its turn comes; before that it must not count as unheard.
        picture.catch(() => {});
        ahead.push(picture);
      }
      checkGoingOn(isOver, signal);
      const picture = await ahead.shift()?.catch((error: unknown) => {
        if (!isBadPicture(error)) throw error;
        const name = dataset.nameOf(index);
        badPictures.add(name, error);
        columns.skipped.push({ name: dataset.keyOf(index), reason: messageOf(error) });
      });
      onProgress(done + 1);
      if (!picture) continue;
      columns.keys.push(dataset.keyOf(index));
      columns.labels.push(dataset.labelOf(index));
      columns.widths.push(picture.width);
      columns.heights.push(picture.height);
      columns.channels.push(picture.channels);
      columns.crc32.push(crc32(picture.pixels));
      yield picture.pixels;
    }
  } finally {
    isOver = true;
    await Promise.allSettled(ahead);
  }
}

function checkGoingOn(isOver: boolean, signal: AbortSignal | undefined): void {
  if (!isOver && signal?.aborted !== true) return;
  throw new AlexNetError('ABORTED', {
    message: 'The preparing of shards was stopped.',
    hint: 'Call it again: it goes on after the last shard that is whole.',
    cause: signal?.reason,
  });
}
