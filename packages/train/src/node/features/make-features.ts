import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { createRandom, type Graph, inferShapes, sizeOf, type Weights } from '@alexnet/core';
import { AUGMENTATIONS, type Dataset, readBatches } from '@alexnet/data';
import { toFileError } from '@alexnet/export/node';
import { pick } from '../../pick.ts';
import type { CacheUse } from './cache-use.ts';
import type { FeatureCacheOptions } from './feature-cache-options.ts';
import {
  createFeatureFile,
  type FeatureFileInfo,
  type FeatureFileWriter,
  fileOfSet,
  finishFeatureFolder,
} from './feature-files.ts';
import { createRoomMaker, type StepWithRoom } from './make-room.ts';
import { createWorkerExtractor } from './worker-extractor.ts';

/** Pictures that are computed at once: the more, the fewer pictures the weights at a transform's points cost. */
const BATCH_SIZE = 64;

/** Batches that wait for their turn: one is enough where reading keeps up, and nothing helps where it does not. */
const PREFETCH = 1;

interface FrozenLayers {
  readonly graph: Graph;
  readonly weights: Weights;
}

interface FolderToMake {
  readonly folder: string;
  readonly sets: readonly SetToWrite[];
  readonly use: CacheUse;
}

interface SetToWrite {
  readonly name: string;
  readonly dataset: Dataset;
}

/** Computes features of each set of pictures into a folder, which is there whole or not at all. */
export async function makeFeatures(
  options: FeatureCacheOptions,
  frozen: FrozenLayers,
  { folder, sets, use }: FolderToMake,
): Promise<Readonly<Record<string, FeatureFileInfo>>> {
  const staged = `${folder}.${randomUUID()}.tmp`;
  const withRoom = createRoomMaker(options.folder, options.onRemoved);
  // The first pictures are read while it starts.
  const starting = createWorkerExtractor({
    ...frozen,
    batchSize: BATCH_SIZE,
    threads: options.threads,
  });
  // Its failure is told where it is waited for; before that it must not count as unheard.
  starting.catch(() => {});
  const extract = async (images: Float32Array) => (await starting).extract(images);
  try {
    await withRoom(() => createFolder(staged));
    await use.begin(staged);
    const size = sizeOf(pick(inferShapes(frozen.graph), frozen.graph.output));
    const progress = countProgress(options);
    const infos: Record<string, FeatureFileInfo> = {};
    for (const set of sets) {
      infos[set.name] = await writeSet(options, set, { staged, size, extract, progress, withRoom });
    }
    await withRoom(() => finishFeatureFolder(staged, folder, infos));
    return infos;
  } finally {
    await rm(staged, { recursive: true, force: true });
    // If it did not start, that is what has been thrown.
    const [extractor] = await Promise.allSettled([starting]);
    if (extractor.status === 'fulfilled') await extractor.value.dispose();
  }
}

interface Making {
  readonly staged: string;
  /** Numbers of one picture's features. */
  readonly size: number;
  extract(images: Float32Array): Promise<Float32Array>;
  progress(pictures: number): void;
  readonly withRoom: StepWithRoom;
}

async function writeSet(
  options: FeatureCacheOptions,
  { name, dataset }: SetToWrite,
  making: Making,
): Promise<FeatureFileInfo> {
  const isVaried = name === 'training' && options.augmentation !== 'none';
  const variants = isVaried ? options.variants : 1;
  const { staged, size, withRoom } = making;
  const shape = { variants, pictures: dataset.length, size };
  const file = await createFeatureFile(fileOfSet(staged, name), shape, withRoom);
  try {
    for (let variant = 0; variant < variants; variant++) {
      const batches = readVariant(options, dataset, { variant, isVaried });
      await writeVariant(batches, { ...making, file, pictures: dataset.length });
    }
    return await file.finish();
  } finally {
    await file.close();
  }
}

function readVariant(
  { preprocessing, augmentation, seed, badPictures, renderer, signal }: FeatureCacheOptions,
  dataset: Dataset,
  { variant, isVaried }: { readonly variant: number; readonly isVaried: boolean },
) {
  return readBatches(dataset, {
    preprocessing,
    batchSize: BATCH_SIZE,
    shuffle: false,
    // As in the epoch of this number: the pictures are those that it would see.
    random: createRandom(seed).split('epoch', variant + 1),
    prefetch: PREFETCH,
    ...(isVaried ? { augmentation: AUGMENTATIONS[augmentation] } : {}),
    ...(badPictures ? { badPictures } : {}),
    ...(renderer ? { renderer } : {}),
    ...(signal ? { signal } : {}),
  });
}

interface VariantToWrite extends Making {
  readonly file: FeatureFileWriter;
  readonly pictures: number;
}

async function writeVariant(
  batches: ReturnType<typeof readBatches>,
  { file, pictures, size, extract, progress }: VariantToWrite,
): Promise<void> {
  let next = 0;
  const writeRows = async (rows: Float32Array, indices: Uint32Array) => {
    for (const [row, index] of indices.entries()) {
      for (; next < index; next++) await file.skip(next);
      await file.write(rows.subarray(row * size, (row + 1) * size));
      next++;
    }
  };
  // While one batch is written, the next one is computed.
  let writing = Promise.resolve();
  for await (const { images, indices, count } of batches) {
    const rows = await extract(images);
    await writing;
    writing = writeRows(rows, indices);
    // Its failure is told after the next batch; before that it must not count as unheard.
    writing.catch(() => {});
    progress(count);
  }
  await writing;
  for (; next < pictures; next++) await file.skip(next);
}

async function createFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw toFileError(cause, 'write', path);
  }
}

function countProgress(options: FeatureCacheOptions): (pictures: number) => void {
  const { training, validation, variants, onProgress } = options;
  const total = training.length * variants + (validation?.length ?? 0);
  let done = 0;
  return (pictures) => {
    done += pictures;
    onProgress?.(done, total);
  };
}
