// Label smoothing, class weights and soft labels, twenty steps of `mini` each, against PyTorch's CrossEntropyLoss.
import { buildTrainingStep, type UpdateRule } from '@alexnet/autodiff';
import { createNetwork } from '@alexnet/core';
import { createTargets } from '@alexnet/train';
import { describe, expect, test } from 'vitest';
import { type GoldenTargetRun, readGolden } from './golden/golden-files.ts';
import { hashedFeeds, hashedParameters } from './golden/hashed-network.ts';
import { TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose, expectSummary } from './ops/compare.ts';
import { runUpdates } from './ops/run-step.ts';

const { rate, runs } = readGolden('gradients/targets.json.gz');
const { graph } = createNetwork('mini');
const [BATCH, CLASSES] = [4, 10];
const rule: UpdateRule = {
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0, rule: 'pytorch' },
};

describe('twenty steps on', () => {
  test.each(runs)('$name', async (golden) => {
    const step = buildTrainingStep(graph, { batchSize: BATCH, ...rule });
    const { losses, state } = await runUpdates(step, hashedParameters(graph), {
      rule,
      learningRates: golden.losses.map(() => rate),
      feedsOf: (index) => {
        const { rows: target, normalizer } = targetsOf(index, golden);
        return { ...hashedFeeds(step, BATCH, index), target, normalizer };
      },
      inPlace: false,
    });
    expect(losses).toHaveLength(20);
    expectRelativelyClose(losses, golden.losses, 'losses', TOLERANCES.loss);
    for (const [index, [name, expected]] of Object.entries(golden.weights).entries()) {
      expectSummary(state.get(name) ?? new Float32Array(), expected, {
        name,
        seed: 4000 + index,
        tolerance: TOLERANCES.trainedWeight,
      });
    }
  });
});

function targetsOf(step: number, { smoothing, classWeights, share }: GoldenTargetRun) {
  return createTargets(labelsOf(step, 3), {
    batchSize: BATCH,
    classes: CLASSES,
    smoothing,
    classWeights,
    ...(share === null ? {} : { mixed: { labels: labelsOf(step, 5), share } }),
  });
}

/** As `labels_of` of make_targets.py. */
function labelsOf(step: number, first: number): Int32Array {
  return Int32Array.from({ length: BATCH }, (_, row) => (7 * row + first + step) % CLASSES);
}
