import { createRandom, type Preprocessing } from '@alexnet/core';
import { type BadPictureLog, type Dataset, type PictureRenderer, readBatches } from '@alexnet/data';
import { createEvaluationCollector, type Evaluation } from './metrics.ts';

export interface EvaluateOptions {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  /** Scores [batchSize, classes] of preprocessed pictures [batchSize, C, H, W]. */
  readonly forward: (images: Float32Array, count: number) => Promise<Float32Array>;
  readonly badPictures?: BadPictureLog;
  /** What turns decoded pictures into inputs; this thread unless given. */
  readonly renderer?: PictureRenderer;
  readonly signal?: AbortSignal;
  /** Called after each batch, with the number of pictures done. */
  readonly onProgress?: (pictures: number) => void;
  /** Called for each picture: for pages and tables that show them. */
  readonly onPicture?: (index: number, logits: Float32Array) => void;
}

/** Runs a network over a data set, in its order, and adds up how well it does. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { dataset, preprocessing, batchSize, forward, badPictures, renderer, signal } = options;
  const collector = createEvaluationCollector(dataset.labels);
  const classes = dataset.labels.length;
  let done = 0;
  const batches = readBatches(dataset, {
    preprocessing,
    batchSize,
    shuffle: false,
    random: createRandom(0),
    ...(badPictures ? { badPictures } : {}),
    ...(renderer ? { renderer } : {}),
    ...(signal ? { signal } : {}),
  });
  for await (const { images, labels, indices, count } of batches) {
    const logits = await forward(images, count);
    for (let row = 0; row < count; row++) {
      const scores = logits.subarray(row * classes, (row + 1) * classes);
      collector.add(scores, labels[row] ?? 0);
      options.onPicture?.(indices[row] ?? 0, scores);
    }
    done += count;
    options.onProgress?.(done);
  }
  return collector.finish();
}
