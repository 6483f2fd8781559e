import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel } from '@alexnet/core';
import { createStepTrial, measureConvolutions } from '@alexnet/train/node';

/** Full training steps (forward, backward, update, dropout on) of a preset on random pictures. */
export async function createSteps({ preset, batchSize, threads, convolutions }) {
  /** Node itself. */
  const baseBytes = process.memoryUsage().rss;
  const { graph, weights } = createModel(preset);
  const { info, setUpMs, take, end } = await createStepTrial({
    graph,
    weights,
    batchSize,
    threads,
    convolutions:
      convolutions === 'measured' ? await measure({ graph, batchSize, threads }) : convolutions,
  });
  return { graph, baseBytes, setUpMs, version: info.version, take, dispose: () => end(0) };
}

/** Measured anew: nothing is kept. */
async function measure(options) {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-recipes-'));
  const startedMs = performance.now();
  const recipes = await measureConvolutions({ ...options, frozen: [], folder });
  console.error(
    `trial of ${Math.round(performance.now() - startedMs)} ms: ${JSON.stringify(recipes)}`,
  );
  await rm(folder, { recursive: true });
  return recipes;
}
