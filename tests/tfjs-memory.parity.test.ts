// Two hundred steps on TensorFlow leave as many tensors as they found, and no more memory.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { requireTensorFlow } from './ops/tensorflow.ts';

beforeEach(requireTensorFlow);

const STEPS = 200;
/** The first steps pay for memory that later ones use again. */
const WARM_UP = 40;
/** Steps from one look at the memory to the next. */
const INTERVAL = 10;

/**
 * In a process of its own, whose memory is nobody else's. Every kind of array is there: batch normalisation,
 * dropout, clipping, averages, parts of a batch.
 */
const program = `
  import { createRequire } from 'node:module';
  import { createModel, createRandom, createTensor } from '@alexnet/core';
  import { createTargets } from '@alexnet/train';
  import { findTensorFlow, startTfjsEngine } from '@alexnet/train/node';
  const { graph, weights } = createModel('compact-bn', { classes: 4, widthMultiplier: 0.25, dropout: 0.5 });
  const [found] = await findTensorFlow();
  const batchSize = 8;
  const engine = await startTfjsEngine({
    graph, batchSize, microBatches: 2, state: weights, frozen: [], seed: 1, device: 'cpu', found,
    rule: {
      optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      clip: { by: 'norm', limit: 1 }, averageDecay: 0.9,
    },
  });
  const tf = createRequire(found.directory + '/index.js')(found.directory);
  const { rows } = createTargets([0, 1, 2, 3, 0, 1, 2], { batchSize, classes: 4 });
  const { data: images } = createTensor([batchSize, ...graph.input.shape]);
  createRandom(1).fillNormal(images);
  const take = (step) => engine.step({ images, targets: rows, normalizer: 7, learningRate: 1e-3, step });
  const counts = [];
  const memory = [];
  for (let step = 1; step <= ${WARM_UP + STEPS}; step++) {
    await take(step);
    if (step < ${WARM_UP} || step % ${INTERVAL} > 0) continue;
    gc();
    counts.push(tf.memory().numTensors);
    memory.push(process.memoryUsage.rss());
  }
  await engine.forward(images);
  await engine.readState();
  counts.push(tf.memory().numTensors);
  await engine.dispose();
  console.log(JSON.stringify({ counts, memory, left: tf.memory().numTensors }));
`;

test('flat', async () => {
  const args = ['--expose-gc', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: import.meta.dirname,
  });
  const { counts, memory, left }: Found = JSON.parse(stdout);
  expect(memory.length).toBe(STEPS / INTERVAL + 1);
  expect(counts[0]).toBeGreaterThan(0);
  expect(new Set(counts).size).toBe(1);
  expect(left).toBe(0);
  // The system takes pages back now and then: single values say little.
  expect(median(memory.slice(-7)) / median(memory.slice(0, 7))).toBeLessThan(1.01);
});

interface Found {
  /** Tensors, after every look. */
  readonly counts: readonly number[];
  /** Bytes of the process. */
  readonly memory: readonly number[];
  readonly left: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
