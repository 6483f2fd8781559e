// Batch normalisation in a training step: padding, running statistics, updates in place.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTrainingStep, checkInPlaceUpdate } from '@alexnet/autodiff';
import { createGraphBuilder, createTensor, type Graph, sizeOf, type Weights } from '@alexnet/core';
import { decodeModel } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose } from './ops/compare.ts';
import {
  BATCH,
  batchStatistics,
  CLASSES,
  dataOf,
  graph,
  labelsOf,
  MOMENTUM,
  picturesOf,
  RULE,
  STATISTICS,
  targetsOf,
  weights,
} from './ops/normalised-network.ts';
import { createSession, runGradients, type StepFeeds } from './ops/run-step.ts';

/** Runs one step of the `gradients` form without dropout. */
function runOnce(network: Graph, given: Weights, feeds: Omit<StepFeeds, 'masks'>, rows: number) {
  const step = buildTrainingStep(network, { batchSize: rows, ...RULE, form: 'gradients' });
  const masks = new Map(
    step.masks.map(({ node, shape }) => [node, new Float32Array(sizeOf(shape)).fill(1)]),
  );
  return runGradients(step, given, { ...feeds, masks });
}

describe('a batch with padding', () => {
  const pictures = 4;
  const images = picturesOf(1, pictures);

  test('has the statistics, gradients and loss of a batch of its pictures alone', async () => {
    const feeds = { target: targetsOf(labelsOf(pictures), pictures), normalizer: pictures };
    const alone = await runOnce(graph, weights, { ...feeds, image: images }, pictures);
    // What lies in the rows of padding is of no effect, whatever it is.
    const padded = new Float32Array(BATCH * sizeOf(graph.input.shape)).fill(37);
    padded.set(images);
    const target = targetsOf(labelsOf(pictures), BATCH);
    const among = await runOnce(graph, weights, { ...feeds, image: padded, target }, BATCH);

    expect(among.loss).toBeCloseTo(alone.loss, 6);
    expect([...among.statistics.keys()]).toEqual(STATISTICS);
    for (const [name, values] of alone.statistics) {
      expectRelativelyClose(among.statistics.get(name) ?? [], values, name, 1e-6);
    }
    for (const [name, values] of alone.gradients) {
      expectRelativelyClose(
        among.gradients.get(name) ?? [],
        values,
        name,
        AGREEMENT_TOLERANCES.batchStatistics,
      );
    }
    const isPicture = labelsOf(pictures).map(() => true);
    const image = createTensor([pictures, ...graph.input.shape], images);
    for (const [name, values] of batchStatistics(image, isPicture)) {
      const start = name.endsWith('variance') ? 1 : 0;
      const expected = values.map((value) => MOMENTUM * start + (1 - MOMENTUM) * value);
      expectRelativelyClose(
        among.statistics.get(name) ?? [],
        expected,
        name,
        AGREEMENT_TOLERANCES.batchStatistics,
      );
    }
  });

  test('and no picture at all leaves everything as it is', async () => {
    const image = picturesOf(2, BATCH);
    const target = new Float32Array(BATCH * CLASSES);
    const { loss, gradients, statistics } = await runOnce(
      graph,
      weights,
      { image, target, normalizer: 1 },
      BATCH,
    );
    expect(loss).toBe(0);
    for (const values of gradients.values()) {
      expect(values.every((value) => value === 0)).toBe(true);
    }
    for (const [name, values] of statistics) expect(values).toEqual(dataOf(weights, name));
  });
});

test('one picture of single pixels has no variance: it comes out as the bias', async () => {
  const single = createGraphBuilder('single', [2, 1, 1])
    .batchNormalization('norm1', { epsilon: 1e-5, momentum: MOMENTUM })
    .flatten('flatten')
    .build();
  const bias = [0.5, -2];
  const given = new Map([
    ['norm1.scale', createTensor([2], Float32Array.of(3, 4))],
    ['norm1.bias', createTensor([2], Float32Array.from(bias))],
    ['norm1.mean', createTensor([2], Float32Array.of(1, 2))],
    ['norm1.variance', createTensor([2], Float32Array.of(4, 8))],
  ]);
  const rows = 3;
  const { logits, gradients, statistics } = await runOnce(
    single,
    given,
    {
      image: Float32Array.of(5, -6, 100, 100, -100, 100),
      target: Float32Array.of(1, 0, 0, 0, 0, 0),
      normalizer: 1,
    },
    rows,
  );
  expect([...logits]).toEqual([...bias, ...bias, ...bias]);
  // softmax(0.5, −2) − (1, 0)
  const share = Math.exp(-2.5) / (1 + Math.exp(-2.5));
  expectRelativelyClose(gradients.get('norm1.bias') ?? [], [-share, share], 'bias', 1e-6);
  expect([...(gradients.get('norm1.scale') ?? [])]).toEqual([0, 0]);
  // 3/4 · (1, 2) + 1/4 · (5, −6), and 3/4 · (4, 8) + 1/4 · 0
  expect([...(statistics.get('norm1.mean') ?? [])]).toEqual([2, 0]);
  expect([...(statistics.get('norm1.variance') ?? [])]).toEqual([3, 6]);
});

test('onnxruntime, when it optimises a step, leaves it safe in place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-step-'));
  try {
    const { model, state } = buildTrainingStep(graph, { batchSize: 2, ...RULE });
    const file = join(folder, 'step.onnx');
    const session = await createSession(model, { optimizedModelFilePath: file });
    await session.release();
    checkInPlaceUpdate(decodeModel(readFileSync(file)), state);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
