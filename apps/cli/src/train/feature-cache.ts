import { dirname, join, relative } from 'node:path';
import type { Model } from '@alexnet/core';
import type { BadPictureLog, PictureRenderer } from '@alexnet/data';
import { findFrozenValue } from '@alexnet/train';
import { type FeatureCache, openFeatureCache } from '@alexnet/train/node';
import { weightsFolder } from '@alexnet/weights/node';
import type { TrainingData } from '../data/open-data.ts';
import { formatBytes } from '../terminal/format.ts';
import { createProgress } from '../terminal/progress.ts';
import { callerFolder } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countStepsPerEpoch, type RunConfig } from './run-config.ts';

export interface FeatureCacheCall {
  readonly config: RunConfig;
  readonly stepsTaken: number;
  /** With the weights of the frozen layers. */
  readonly model: Model;
  /** With pictures as the training reads them. */
  readonly data: Pick<TrainingData, 'training' | 'validation'>;
  /** That all caches may take together, if it was said. */
  readonly limitBytes: number | undefined;
  /** Where pictures are noted that cannot be read. */
  readonly badPictures: BadPictureLog;
  /** What turns decoded pictures into inputs. */
  readonly renderer: PictureRenderer;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/**
 * What the frozen layers make of the pictures, out of the cache or put into it; `null` where a run keeps no features.
 *
 * @throws what making them throws
 */
export async function openRunFeatures(call: FeatureCacheCall): Promise<FeatureCache | null> {
  const { config, stepsTaken, model, data, limitBytes, terminal, signal } = call;
  const { badPictures, renderer } = call;
  const { training: settings, featureVariants } = config;
  const value = findFrozenValue(model.graph, new Set(settings.frozen));
  if (featureVariants === null || value === null) return null;
  const epoch = Math.floor(stepsTaken / countStepsPerEpoch(config)) + 1;
  // From then on these layers learn, and give something else each time.
  if (settings.unfreezeAt !== null && epoch >= settings.unfreezeAt) return null;
  const cache = await openFeatureCache({
    graph: model.graph,
    weights: model.weights,
    preprocessing: model.metadata.preprocessing,
    value,
    training: data.training,
    ...(data.validation ? { validation: data.validation } : {}),
    augmentation: settings.augmentation,
    variants: featureVariants,
    seed: settings.seed,
    folder: join(dirname(weightsFolder()), 'features'),
    threads: config.threads,
    badPictures,
    renderer,
    signal,
    ...(limitBytes === undefined ? {} : { limitBytes }),
    onRead: showProgress(terminal, 'pictures read'),
    onProgress: showProgress(terminal, 'frozen layers'),
    onDamaged: ({ message }) => terminal.note(`features  damaged, computed again: ${message}`),
    onRemoved: ({ path, sizeBytes }) =>
      terminal.note(
        `features  the disk is full, older ones were removed: ${nameFolder(path)}, ${formatBytes(sizeBytes)}`,
      ),
  });
  terminal.note(
    `features  of ${value}, ${cache.isReused ? 'as computed before' : 'computed once'}: ${nameFolder(cache.folder)}`,
  );
  return cache;
}

function nameFolder(path: string): string {
  const folder = relative(callerFolder(), path);
  return folder.startsWith('..') ? path : folder;
}

/** A progress that begins when it is first told of, and goes away when all is done. */
function showProgress(terminal: Terminal, label: string): (done: number, total: number) => void {
  let progress: ReturnType<typeof createProgress> | undefined;
  return (done, total) => {
    progress ??= createProgress(terminal, { label, total, unit: 'pictures' });
    progress.update(done);
    if (done >= total) progress.finish();
  };
}
