import { createModel } from '@alexnet/core';
import { createStepTrial } from '@alexnet/train/node';

/** Full training steps (forward, backward, update, dropout on) of a preset on random pictures. */
export async function createSteps({ preset, batchSize, threads }) {
  /** Node itself. */
  const baseBytes = process.memoryUsage().rss;
  const { graph, weights } = createModel(preset);
  const { info, setUpMs, take, end } = await createStepTrial({
    graph,
    weights,
    batchSize,
    threads,
  });
  return { graph, baseBytes, setUpMs, version: info.version, take, dispose: () => end(0) };
}
