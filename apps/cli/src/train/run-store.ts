import { createRandom } from '@alexnet/core';
import { AUGMENTATIONS, type Dataset, readBatches } from '@alexnet/data';
import {
  type EngineFactory,
  type EngineState,
  measureGradients,
  toStepInput,
} from '@alexnet/train';
import { createTensorBoardStore, type TensorBoardStore } from '@alexnet/train/node';
import type { TrainingRun } from './open-run.ts';

interface Means {
  /** With pictures as the training reads them. */
  readonly training: Dataset;
  readonly createEngine: EngineFactory;
}

/** A run's folder, with what TensorBoard reads in it. @throws `DISK_FULL`, `IO` */
export function openRunStore(run: TrainingRun, means: Means): Promise<TensorBoardStore> {
  const { folder, model, checkpoint, gradientHistograms } = run;
  return createTensorBoardStore(folder, {
    folder: folder.path,
    graph: model.graph,
    training: means.training,
    resumedAtStep: checkpoint?.progress.step ?? 0,
    ...(gradientHistograms
      ? { measureGradients: (state: EngineState) => measureOnFirstBatch(run, means, state) }
      : {}),
  });
}

/** The gradients of the first batch of the training pictures, the same one each time. */
async function measureOnFirstBatch(
  { config, model }: TrainingRun,
  { training, createEngine }: Means,
  state: EngineState,
): Promise<EngineState> {
  const { graph, metadata } = model;
  const { training: settings } = config;
  const random = createRandom(settings.seed).split('gradients');
  const batches = readBatches(training, {
    preprocessing: metadata.preprocessing,
    batchSize: settings.batchSize,
    shuffle: true,
    random,
    augmentation: AUGMENTATIONS.none,
  });
  for await (const batch of batches) {
    const classes = metadata.labels.length;
    const at = { step: 1, learningRate: settings.learningRate };
    return measureGradients({
      graph,
      state,
      frozen: settings.frozen,
      batchSize: settings.batchSize,
      microBatches: settings.microBatches,
      seed: settings.seed,
      createEngine,
      input: toStepInput(batch, at, { config: settings, graph, classes, random }),
    });
  }
  return new Map();
}
