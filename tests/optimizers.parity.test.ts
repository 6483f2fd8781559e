// Update rules, twenty steps of `mini` each, against the optimisers of PyTorch, Keras and timm.
import {
  buildTrainingLoop,
  buildTrainingStep,
  buildUpdate,
  type ParameterFactors,
} from '@alexnet/autodiff';
import { createNetwork } from '@alexnet/core';
import { describe, expect, test } from 'vitest';

import { type GoldenRun, readGolden } from './golden/golden-files.ts';
import { hashedFeeds, hashedParameters } from './golden/hashed-network.ts';
import { TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose, expectSummary } from './ops/compare.ts';
import { runLoop, runSummedUpdates, runUpdates, type UpdateResult } from './ops/run-step.ts';

const { runs } = readGolden('gradients/optimizers.json.gz');
const { graph } = createNetwork('mini');
const BATCH = 4;

test('every optimiser, and every rule beside it, has a run', () => {
  expect(runs.map(({ name }) => name)).toHaveLength(16);
  const kinds = new Set(runs.map(({ update }) => update.optimizer.kind));
  expect([...kinds].sort()).toEqual(['adam', 'adamw', 'lars', 'rmsprop', 'sgd']);
});

describe('twenty steps in one model, in place and with fresh arrays the same bits,', () => {
  test.each(runs)('$name', async (golden) => {
    const { update: rule, learningRates } = golden;
    const factorsOf = factorsIn(golden);
    const step = buildTrainingStep(graph, { batchSize: BATCH, ...rule, factorsOf });
    const feedsOf = (index: number) => hashedFeeds(step, BATCH, index);
    const run = { rule, learningRates, feedsOf };
    const inPlace = await runUpdates(step, hashedParameters(graph), { ...run, inPlace: true });
    expectGolden(inPlace, golden);
    const fresh = await runUpdates(step, hashedParameters(graph), { ...run, inPlace: false });
    expect(fresh.losses).toEqual(inPlace.losses);
    for (const [name, data] of fresh.state) {
      expect(isEqual(data, inPlace.state.get(name)), name).toBe(true);
    }
  });
});

describe('twenty steps in loops of five', () => {
  test.each(runs)('$name', async (golden) => {
    const { update: rule, learningRates } = golden;
    const factorsOf = factorsIn(golden);
    const loop = buildTrainingLoop(graph, { batchSize: BATCH, ...rule, factorsOf });
    const feedsOf = (index: number) => hashedFeeds(loop.step, BATCH, index);
    const found = await runLoop(loop, hashedParameters(graph), {
      rule,
      learningRates,
      feedsOf,
      stepsPerCall: 5,
    });
    expect(found.losses).toHaveLength(20);
    expectGolden(found, golden);
  });
});

describe('gradients summed over two micro-batches, then an update of their own,', () => {
  const names = [
    "sgd with momentum, the paper's rule",
    'adamw',
    'lars',
    'factors of layers and biases',
  ];

  test.each(runs.filter(({ name }) => names.includes(name)))('$name', async (golden) => {
    const { update: rule, learningRates } = golden;
    const factorsOf = factorsIn(golden);
    const step = buildTrainingStep(graph, { batchSize: BATCH / 2, ...rule, form: 'gradient-sums' });
    const whole = buildTrainingStep(graph, { batchSize: BATCH, ...rule });
    const found = await runSummedUpdates(
      { step, update: buildUpdate(graph, { ...rule, factorsOf }) },
      hashedParameters(graph),
      { rule, learningRates, feedsOf: (index) => hashedFeeds(whole, BATCH, index) },
    );
    expectGolden(found, golden);
  });
});

function factorsIn({ factors }: GoldenRun): (parameter: string) => ParameterFactors {
  return (parameter) => factors?.[parameter] ?? { learningRate: 1, weightDecay: 1 };
}

function expectGolden({ losses, state }: UpdateResult, golden: GoldenRun): void {
  expectRelativelyClose(losses, golden.losses, 'losses', TOLERANCES.loss);
  const arrays = [
    [golden.weights, '', 4000],
    [golden.averages ?? {}, '/average', 5000],
  ] as const;
  for (const [summaries, suffix, firstSeed] of arrays) {
    for (const [index, [name, expected]] of Object.entries(summaries).entries()) {
      const key = `${name}${suffix}`;
      expectSummary(state.get(key) ?? new Float32Array(), expected, {
        name: key,
        seed: firstSeed + index,
        tolerance: TOLERANCES.trainedWeight,
      });
    }
  }
}

function isEqual(a: Float32Array, b: Float32Array | undefined): boolean {
  return b !== undefined && a.every((value, i) => value === b[i]);
}
