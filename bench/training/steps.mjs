import { createModel, createRandom, createTensor } from '@alexnet/core';
import { createTargets } from '@alexnet/train';
import { loadOnnxRuntime } from '@alexnet/train/node';
import { createOrtEngine } from '@alexnet/train/ort';

/** Full training steps (forward, backward, update, dropout on) of a preset on random pictures. */
export async function createSteps({ preset, batchSize, threads }) {
  const ort = await loadOnnxRuntime();
  /** Node and onnxruntime themselves. */
  const baseBytes = process.memoryUsage().rss;
  const { graph, weights, metadata } = createModel(preset);
  const startedMs = performance.now();
  const engine = await createOrtEngine({
    ort,
    graph,
    batchSize,
    rule: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
    state: weights,
    ownsState: true,
    frozen: [],
    seed: 0,
    device: 'cpu',
    threads,
  });
  const setUpMs = performance.now() - startedMs;
  const { data: images } = createTensor([batchSize, ...graph.input.shape]);
  createRandom(0).fillNormal(images);
  const classes = metadata.labels.length;
  const labels = Array.from({ length: batchSize }, (_, index) => index % classes);
  const { rows: targets } = createTargets(labels, { batchSize, classes });
  let step = 0;
  return {
    graph,
    baseBytes,
    setUpMs,
    version: engine.info.version,
    /** @returns milliseconds */
    take: async () => {
      step += 1;
      const stepMs = performance.now();
      await engine.step({ images, targets, normalizer: batchSize, learningRate: 1e-4, step });
      return performance.now() - stepMs;
    },
    dispose: () => engine.dispose(),
  };
}
