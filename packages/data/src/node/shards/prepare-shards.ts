import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { type BadPictureLog, createBadPictureLog } from '../../dataset/bad-pictures.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import { toPrintable } from '../../printable.ts';
import { toSystemError } from '../system-error.ts';
import { hashFile } from './hash-file.ts';
import {
  formatShardFile,
  parseShardTable,
  SHARD_PARTS,
  SHARDS_FILE,
  type ShardEntry,
  type ShardPart,
  type ShardShape,
  type ShardsIndex,
} from './shard-format.ts';
import { type ShardPlan, writeShard } from './write-shard.ts';
import { writeWholeFile } from './write-whole-file.ts';

export interface PrepareOptions {
  readonly shape: ShardShape;
  /** Pictures of a shard; 512 unless given, which of 256 × 256 pixels are 100 MB. */
  readonly shardPictures?: number;
  /** Where pictures that cannot be read are noted; a log for each part unless given. They are left out. */
  readonly badPictures?: BadPictureLog;
  readonly signal?: AbortSignal;
  /** Called after each picture, and each shard that was there: pictures done of all parts. */
  readonly onProgress?: (pictures: number) => void;
}

export interface PreparedShards {
  readonly pictures: number;
  readonly skipped: number;
  readonly shards: number;
  /** Shards that an earlier call had made. */
  readonly kept: number;
  readonly sizeBytes: number;
}

/** A data set in its parts, as `openDataset` gives it. */
export type ShardSources = Readonly<Partial<Record<ShardPart, Dataset | null>>>;

const DEFAULT_SHARD_PICTURES = 512;

/**
 * Decodes every picture once and stores it at one size, so that trainings read bytes in place of files of
 * pictures.
 *
 * Each file appears whole or not at all, `shards.json` last. Interrupted and called again, it goes on after
 * the last shard, whose checksums it checks; the result is the same to the last byte.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the folder holds something else, or shards made
 *   otherwise; `INVALID_DATASET` if too many pictures are bad; `DISK_FULL`, `IO`, `ABORTED`
 * @example
 * const { training } = await openDataset('photos');
 * await prepareShards({ training }, 'shards', { shape: { kind: 'short-side', size: 256 } });
 */
export async function prepareShards(
  sources: ShardSources,
  folder: string,
  options: PrepareOptions,
): Promise<PreparedShards> {
  const plans = planShards(sources, options);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw toSystemError(error, folder);
  });
  await checkFolder(folder, plans);
  const parts: Partial<Record<ShardPart, ShardEntry[]>> = {};
  const figures = { pictures: 0, skipped: 0, shards: 0, kept: 0, sizeBytes: 0 };
  const logs = new Map(
    plans.map(({ dataset }) => [dataset, options.badPictures ?? createBadPictureLog(dataset)]),
  );
  let done = 0;
  for (const plan of plans) {
    const kept = await readFinished(folder, plan);
    const start = done;
    const { entry, skipped } =
      kept ??
      (await writeShard(folder, plan, {
        badPictures: logs.get(plan.dataset) ?? createBadPictureLog(plan.dataset),
        ...(options.signal && { signal: options.signal }),
        onProgress: (pictures) => options.onProgress?.(start + pictures),
      }));
    done += plan.indices.length;
    options.onProgress?.(done);
    parts[plan.part] = [...(parts[plan.part] ?? []), entry];
    figures.pictures += entry.pictures;
    figures.skipped += skipped;
    figures.shards += 1;
    figures.kept += kept ? 1 : 0;
    figures.sizeBytes += entry.sizeBytes;
  }
  const [first] = plans;
  const index: ShardsIndex = {
    name: first?.dataset.name ?? '',
    labels: first?.dataset.labels ?? [],
    shape: options.shape,
    parts,
  };
  await writeWholeFile(join(folder, SHARDS_FILE), [formatShardFile(index)]);
  return figures;
}

function planShards(
  sources: ShardSources,
  { shape, shardPictures = DEFAULT_SHARD_PICTURES }: PrepareOptions,
): readonly ShardPlan[] {
  for (const [name, value] of Object.entries({ size: shape.size, shardPictures })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${name}" of shards is a whole number from 1 on, not ${value}.`,
      hint: 'A size of 256 pixels and 512 pictures in a shard are usual.',
    });
  }
  return SHARD_PARTS.flatMap((part) => {
    const dataset = sources[part];
    if (!dataset) return [];
    const count = Math.ceil(dataset.length / shardPictures);
    return Array.from({ length: count }, (_, number) => {
      const start = number * shardPictures;
      const length = Math.min(shardPictures, dataset.length - start);
      const indices = Array.from({ length }, (_, i) => start + i);
      const file = `${part}-${String(number).padStart(5, '0')}`;
      return { part, file, dataset, indices, shape, sha256: hashPlan(dataset, indices, shape) };
    });
  });
}

/** Of everything that decides what a shard holds, but for the pictures' bytes. */
function hashPlan(dataset: Dataset, indices: readonly number[], shape: ShardShape): string {
  const shrunk = dataset.shrinkOnLoad ? [dataset.shrinkOnLoad] : [];
  const hash = createHash('sha256').update(
    JSON.stringify([shape.kind, shape.size, dataset.labels, ...shrunk]),
  );
  for (const index of indices) {
    hash.update(JSON.stringify([dataset.keyOf(index), dataset.labelOf(index)]));
  }
  return hash.digest('hex');
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` if there is anything that is not of this preparation */
async function checkFolder(folder: string, plans: readonly ShardPlan[]): Promise<void> {
  const files = plans.flatMap(({ file }) => [`${file}.pixels`, `${file}.json`]);
  const known = new Set([SHARDS_FILE, ...files]);
  const names = await readdir(folder);
  // Left behind by a call that was killed while it wrote.
  const unfinished = names.filter((name) => known.has(name.replace(/\.[0-9a-f-]{36}\.tmp$/, '')));
  const foreign = names.filter((name) => !known.has(name) && !unfinished.includes(name));
  if (foreign.length === 0) {
    const stale = unfinished.filter((name) => !known.has(name));
    await Promise.all(stale.map((name) => rm(join(folder, name), { force: true })));
    return;
  }
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${toPrintable(folder)} holds files that are not of these shards: ${foreign.slice(0, 3).map(toPrintable).join(', ')}${foreign.length > 3 ? ', …' : ''}.`,
    hint: 'Give an empty folder, or a new one.',
    path: foreign,
  });
}

/** The shard as an earlier call made it; `null` if it is not there, or not whole, or of another plan. */
async function readFinished(folder: string, plan: ShardPlan) {
  const path = join(folder, plan.file);
  try {
    const bytes = await readFile(`${path}.json`);
    const table = parseShardTable(bytes.toString(), `${plan.file}.json`);
    if (table.planSha256 !== plan.sha256) return null;
    const pixels = await hashFile(`${path}.pixels`);
    if (pixels.sha256 !== table.sha256) return null;
    const entry: ShardEntry = {
      file: plan.file,
      pictures: table.keys.length,
      ...pixels,
      tableSha256: createHash('sha256').update(bytes).digest('hex'),
    };
    return { entry, skipped: table.skipped.length };
  } catch {
    // Whatever is wrong with it, it is made again.
    return null;
  }
}
