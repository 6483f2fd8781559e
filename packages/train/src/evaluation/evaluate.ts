import { createRandom, invariant, type Preprocessing } from '@alexnet/core';
import {
  type BadPictureLog,
  type Batch,
  type Dataset,
  type PictureRenderer,
  readBatches,
} from '@alexnet/data';
import { averageCrops } from './average-crops.ts';
import { createEvaluationCollector, type Evaluation } from './metrics.ts';

export interface EvaluateBatchesOptions {
  /** Names of the classes. */
  readonly labels: readonly string[];
  /** Scores [batchSize, classes] of a batch's inputs. */
  readonly forward: (images: Float32Array, count: number) => Promise<Float32Array>;
  /** Called after each batch, with the number of pictures done. */
  readonly onProgress?: (pictures: number) => void;
  /** Called for each picture: for pages and tables that show them. */
  readonly onPicture?: (index: number, logits: Float32Array) => void;
}

export interface EvaluateOptions extends Omit<EvaluateBatchesOptions, 'labels'> {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  readonly badPictures?: BadPictureLog;
  /** What turns decoded pictures into inputs; this thread unless given. */
  readonly renderer?: PictureRenderer;
  /**
   * 10: the probabilities of a picture are the mean of those of its ten crops, as in the paper; batches of
   * `batchSize` pictures are then ten times as large. 1 unless given.
   */
  readonly crops?: 1 | 10;
  readonly signal?: AbortSignal;
}

/** Runs a network over a data set, in its order, and adds up how well it does. */
export function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { dataset, preprocessing, batchSize, badPictures, renderer, crops = 1, signal } = options;
  const batches = readBatches(dataset, {
    preprocessing,
    batchSize,
    shuffle: false,
    random: createRandom(0),
    crops,
    ...(badPictures ? { badPictures } : {}),
    ...(renderer ? { renderer } : {}),
    ...(signal ? { signal } : {}),
  });
  const forward = crops === 1 ? options.forward : averageCrops(options.forward, crops);
  return evaluateBatches(batches, { ...options, forward, labels: dataset.labels });
}

/** Runs a network over batches and adds up how well it does. */
export async function evaluateBatches(
  batches: AsyncIterable<Batch>,
  { labels: names, forward, onProgress, onPicture }: EvaluateBatchesOptions,
): Promise<Evaluation> {
  const collector = createEvaluationCollector(names);
  const classes = names.length;
  let done = 0;
  for await (const { images, labels, indices, count } of batches) {
    const logits = await forward(images, count);
    for (const [row, index] of indices.entries()) {
      const label = labels[row];
      invariant(label !== undefined, `picture ${index} has no label`);
      const scores = logits.subarray(row * classes, (row + 1) * classes);
      collector.add(scores, label);
      onPicture?.(index, scores);
    }
    done += count;
    onProgress?.(done);
  }
  return collector.finish();
}
