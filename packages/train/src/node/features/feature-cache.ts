import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Graph, invariant, isAlexNetError, type Weights } from '@alexnet/core';
import { cutAt } from '@alexnet/core/transforms';
import type { Dataset } from '@alexnet/data';
import type { Features } from '../../features/features.ts';
import { pick } from '../../pick.ts';
import { type CacheUse, createCacheUse } from './cache-use.ts';
import type { FeatureCacheOptions } from './feature-cache-options.ts';
import {
  type FeatureFileInfo,
  fileOfSet,
  markUsed,
  type OpenFeatureSet,
  openFeatureFile,
  readFeatureIndex,
} from './feature-files.ts';
import { hashPictures } from './hash-pictures.ts';
import { makeFeatures } from './make-features.ts';
import { pruneFeatures } from './prune-features.ts';

export interface FeatureCache {
  readonly features: Features;
  /** The cache's own folder. */
  readonly folder: string;
  /** Whether it was there already. */
  readonly isReused: boolean;
  close(): Promise<void>;
}

const DEFAULT_LIMIT_BYTES = 10 * 2 ** 30;

/**
 * The features that frozen layers make of pictures, computed once and kept on disk. What is there already for the
 * same weights, layers, preprocessing, pictures (byte by byte) and augmentation is checked and used; what is damaged
 * is made anew. Where the disk is full while it is made, older caches of the folder go one by one, but none that a
 * process has.
 *
 * @throws {@link AlexNetError} `DISK_FULL`, `IO`, `ABORTED`, and what reading pictures throws
 */
export async function openFeatureCache(options: FeatureCacheOptions): Promise<FeatureCache> {
  const frozen = cutAt(options, options.value);
  const folder = join(options.folder, await keyOf(options, frozen));
  const use = createCacheUse();
  const known = await openKnown(options, folder, use);
  const sets = known ?? (await openMade(options, frozen, { folder, use }));
  const close = async () => {
    await closeAll(sets);
    await use.end(folder);
  };
  const training = sets.get('training');
  invariant(training, 'the features have no training pictures');
  const validation = sets.get('validation');
  const { limitBytes = DEFAULT_LIMIT_BYTES } = options;
  try {
    await pruneFeatures(options.folder, { inUse: folder, limitBytes });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    features: {
      value: frozen.graph.output,
      training,
      ...(validation ? { validation } : {}),
    },
    folder,
    isReused: known !== null,
    close,
  };
}

type OpenSets = ReadonlyMap<string, OpenFeatureSet>;

/** What is there; `null` if there is nothing, or nothing whole. */
async function openKnown(
  options: FeatureCacheOptions,
  folder: string,
  use: CacheUse,
): Promise<OpenSets | null> {
  try {
    const names = listSets(options).map(([name]) => name);
    const index = await readFeatureIndex(folder, names);
    if (!index) return null;
    await use.begin(folder);
    await markUsed(folder);
    return await openSets(options, folder, index);
  } catch (error) {
    await use.end(folder);
    if (!isAlexNetError(error) || error.code !== 'INVALID_CHECKPOINT') throw error;
    options.onDamaged?.(error);
    return null;
  }
}

async function openMade(
  options: FeatureCacheOptions,
  frozen: { readonly graph: Graph; readonly weights: Weights },
  { folder, use }: { readonly folder: string; readonly use: CacheUse },
): Promise<OpenSets> {
  const sets = listSets(options).map(([name, dataset]) => ({ name, dataset }));
  const infos = await makeFeatures(options, frozen, { folder, sets, use });
  try {
    return await openSets(options, folder, infos);
  } catch (error) {
    await use.end(folder);
    throw error;
  }
}

async function openSets(
  options: FeatureCacheOptions,
  folder: string,
  index: Readonly<Record<string, FeatureFileInfo>>,
): Promise<OpenSets> {
  const sets = new Map<string, OpenFeatureSet>();
  try {
    for (const [name, dataset] of listSets(options)) {
      const info = index[name];
      if (info) sets.set(name, await openFeatureFile(fileOfSet(folder, name), info, dataset));
    }
    return sets;
  } catch (error) {
    await closeAll(sets);
    throw error;
  }
}

async function closeAll(sets: OpenSets): Promise<void> {
  for (const set of sets.values()) await set.close();
}

function listSets({ training, validation }: FeatureCacheOptions): readonly [string, Dataset][] {
  const sets: [string, Dataset][] = [['training', training]];
  if (validation) sets.push(['validation', validation]);
  return sets;
}

/** A hash of all that the features follow from. */
async function keyOf(
  options: FeatureCacheOptions,
  frozen: { graph: Graph; weights: Weights },
): Promise<string> {
  const { preprocessing, augmentation, variants, seed, signal, onRead } = options;
  const hash = createHash('sha256');
  const varied = augmentation === 'none' ? null : { augmentation, variants, seed };
  const { nodes, parameters, input } = frozen.graph;
  hash.update(JSON.stringify({ input, nodes, preprocessing, varied }));
  for (const { name, shape } of parameters) {
    const { data } = pick(frozen.weights, name);
    hash.update(`${name} ${shape}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const sets = listSets(options);
  const total = sets.reduce((sum, [, { length }]) => sum + length, 0);
  let read = 0;
  for (const [name, dataset] of sets) {
    hash.update(`${name} ${[dataset.length, dataset.shrinkOnLoad ?? []].flat().join(' ')}\n`);
    await hashPictures(hash, dataset, {
      ...(signal ? { signal } : {}),
      onProgress: (done) => onRead?.(read + done, total),
    });
    read += dataset.length;
  }
  return hash.digest('hex').slice(0, 32);
}
