import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createRandom,
  type Graph,
  invariant,
  type Preprocessing,
  type Weights,
} from '@alexnet/core';
import { cutAt } from '@alexnet/core/transforms';
import {
  AUGMENTATIONS,
  type AugmentationName,
  type Dataset,
  type PictureRenderer,
  readBatches,
} from '@alexnet/data';
import { toFileError } from '@alexnet/export/node';
import type { FeatureExtractor } from '../../features/feature-extractor.ts';
import type { Features } from '../../features/features.ts';
import {
  createFeatureFile,
  type FeatureFileInfo,
  finishFeatureFolder,
  type OpenFeatureSet,
  openFeatureFile,
  readFeatureIndex,
} from './feature-files.ts';
import { createWorkerExtractor } from './worker-extractor.ts';

export interface FeatureCacheOptions {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly preprocessing: Preprocessing;
  /** The value to keep, as `findFrozenValue` finds it. */
  readonly value: string;
  readonly training: Dataset;
  readonly validation?: Dataset;
  /** Of the training pictures. */
  readonly augmentation: AugmentationName;
  /** How many augmentations of each training picture. Epoch e trains on the ((e − 1) mod variants)-th. */
  readonly variants: number;
  /** Of the augmentations: that of the training. */
  readonly seed: number;
  /** What tells these pictures from others of the same names, `stampFiles` for example. */
  readonly stamp: string;
  /** Where caches are kept, each in a folder named by what it is of. */
  readonly folder: string;
  /** What turns decoded pictures into inputs; this thread unless given. */
  readonly renderer?: PictureRenderer;
  /** Threads of onnxruntime; it decides unless given. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch with the pictures done, of all there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface FeatureCache {
  readonly features: Features;
  /** The cache's own folder. */
  readonly folder: string;
  /** Whether it was there already. */
  readonly isReused: boolean;
  close(): Promise<void>;
}

/** Pictures that are computed at once. */
const BATCH_SIZE = 32;

/**
 * The features that frozen layers make of pictures, computed once and kept on disk. What is there already for the
 * same weights, layers, preprocessing, pictures and augmentation is checked and used.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT` if what is there is damaged, `DISK_FULL`, `IO`, `ABORTED`, and
 *   what reading pictures throws
 */
export async function openFeatureCache(options: FeatureCacheOptions): Promise<FeatureCache> {
  const frozen = cutAt(options, options.value);
  const folder = join(options.folder, keyOf(options, frozen));
  const known = await readFeatureIndex(folder);
  const index = known ?? (await makeFeatures(options, frozen, folder));
  const sets = await openSets(options, folder, index);
  const training = sets.get('training');
  invariant(training, 'the features have no training pictures');
  const validation = sets.get('validation');
  return {
    features: {
      value: frozen.graph.output,
      training,
      ...(validation ? { validation } : {}),
    },
    folder,
    isReused: known !== null,
    close: () => closeAll(sets),
  };
}

async function openSets(
  options: FeatureCacheOptions,
  folder: string,
  index: Readonly<Record<string, FeatureFileInfo>>,
): Promise<ReadonlyMap<string, OpenFeatureSet>> {
  const sets = new Map<string, OpenFeatureSet>();
  try {
    for (const [name, dataset] of listSets(options)) {
      const info = index[name];
      if (info) sets.set(name, await openFeatureFile(fileOf(folder, name), info, dataset));
    }
    return sets;
  } catch (error) {
    await closeAll(sets);
    throw error;
  }
}

async function closeAll(sets: ReadonlyMap<string, OpenFeatureSet>): Promise<void> {
  for (const set of sets.values()) await set.close();
}

function listSets({ training, validation }: FeatureCacheOptions): readonly [string, Dataset][] {
  const sets: [string, Dataset][] = [['training', training]];
  if (validation) sets.push(['validation', validation]);
  return sets;
}

function fileOf(folder: string, set: string): string {
  return join(folder, `${set}.f32`);
}

/** A hash of all that the features follow from. */
function keyOf(options: FeatureCacheOptions, frozen: { graph: Graph; weights: Weights }): string {
  const { preprocessing, augmentation, variants, seed, stamp } = options;
  const hash = createHash('sha256');
  const varied = augmentation === 'none' ? null : { augmentation, variants, seed };
  const { nodes, parameters, input } = frozen.graph;
  hash.update(JSON.stringify({ input, nodes, preprocessing, varied, stamp }));
  for (const { name, shape } of parameters) {
    const { data } = frozen.weights.get(name) ?? { data: new Float32Array() };
    hash.update(`${name} ${shape}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  for (const [name, dataset] of listSets(options)) {
    hash.update(`${name} ${dataset.length}\n`);
    for (let index = 0; index < dataset.length; index++) hash.update(`${dataset.keyOf(index)}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

async function makeFeatures(
  options: FeatureCacheOptions,
  { graph, weights }: { readonly graph: Graph; readonly weights: Weights },
  folder: string,
): Promise<Readonly<Record<string, FeatureFileInfo>>> {
  const staged = `${folder}.${randomUUID()}.tmp`;
  const extractor = await createWorkerExtractor({ graph, weights, threads: options.threads });
  try {
    try {
      await mkdir(staged, { recursive: true });
    } catch (cause) {
      throw toFileError(cause, 'write', staged);
    }
    const progress = countProgress(options);
    const infos: Record<string, FeatureFileInfo> = {};
    for (const [name, dataset] of listSets(options)) {
      infos[name] = await writeSet(options, {
        path: fileOf(staged, name),
        dataset,
        extractor,
        progress,
        isVaried: name === 'training' && options.augmentation !== 'none',
      });
    }
    await finishFeatureFolder(staged, folder, infos);
    return infos;
  } finally {
    await extractor.dispose();
    await rm(staged, { recursive: true, force: true });
  }
}

interface SetToWrite {
  readonly path: string;
  readonly dataset: Dataset;
  readonly extractor: FeatureExtractor;
  readonly progress: (pictures: number) => void;
  readonly isVaried: boolean;
}

async function writeSet(
  options: FeatureCacheOptions,
  { path, dataset, extractor, progress, isVaried }: SetToWrite,
): Promise<FeatureFileInfo> {
  const { preprocessing, augmentation, seed, renderer, signal } = options;
  const variants = isVaried ? options.variants : 1;
  const { size } = extractor;
  const file = await createFeatureFile(path, { variants, pictures: dataset.length, size });
  try {
    for (let variant = 0; variant < variants; variant++) {
      let next = 0;
      const batches = readBatches(dataset, {
        preprocessing,
        batchSize: BATCH_SIZE,
        shuffle: false,
        // As in the epoch of this number: the pictures are those that it would see.
        random: createRandom(seed).split('epoch', variant + 1),
        ...(isVaried ? { augmentation: AUGMENTATIONS[augmentation] } : {}),
        ...(renderer ? { renderer } : {}),
        ...(signal ? { signal } : {}),
      });
      // While one batch is written, the next one is computed.
      let writing = Promise.resolve();
      for await (const { images, indices, count } of batches) {
        const rows = await extractor.extract(images);
        await writing;
        writing = (async () => {
          for (const [row, index] of indices.entries()) {
            for (; next < index; next++) await file.skip(next);
            await file.write(rows.subarray(row * size, (row + 1) * size));
            next++;
          }
        })();
        // Its failure is told after the next batch; before that it must not count as unheard.
        writing.catch(() => {});
        progress(count);
      }
      await writing;
      for (; next < dataset.length; next++) await file.skip(next);
    }
    return await file.finish();
  } finally {
    await file.close();
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
