// Whatever recipes a trial mixes, a training has the same losses and weights.
import {
  buildTrainingStep,
  type ConvolutionRecipe,
  type LayerRecipe,
  type LayerRecipes,
  listConvolutions,
  listPassRecipes,
} from '@alexnet/autodiff';
import { createGraphBuilder, createRandom, createTensor, initializeWeights } from '@alexnet/core';
import { createTargets } from '@alexnet/train';
import { expect, test } from 'vitest';
import { expectRelativelyClose } from './ops/compare.ts';
import { runUpdates, type StepFeeds, type UpdateResult } from './ops/run-step.ts';

const BATCH = 4;
const CLASSES = 5;
const RATES = [0.02, 0.02, 0.01];
/** As a share of the largest number. Measured: between 1e-6 and 2e-6. */
const TOLERANCE = 5e-6;
const rule = { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } } as const;

const init = {
  weight: { kind: 'normal', mean: 0, std: 0.1 },
  bias: { kind: 'normal', mean: 0, std: 0.1 },
} as const;

/** Strides that do not divide, groups, sides of their own for padding: smooth, so that no kink parts the results. */
const graph = createGraphBuilder('recipes', [3, 23, 21])
  .conv('conv1', { channels: 8, kernel: 5, stride: 2, pads: 1, init })
  .tanh('tanh1')
  .conv('conv2', { channels: 12, kernel: 5, pads: [2, 1, 2, 3], group: 2, init })
  .tanh('tanh2')
  .conv('conv3', { channels: 16, kernel: 3, pads: 1, init })
  .tanh('tanh3')
  .flatten('flatten')
  .gemm('fc4', { features: CLASSES, init })
  .build();
const layers = listConvolutions(graph, { batchSize: BATCH, trainable: () => true });

/** Every recipe that a layer may have. */
const MIXES: readonly (readonly [string, string, LayerRecipe])[] = layers.flatMap(
  ({ name, geometry, wanted }) => {
    const { forward, data, weight } = listPassRecipes(geometry);
    return forward.flatMap((f) =>
      (wanted.data ? data : data.slice(0, 1)).flatMap((d) =>
        weight.map((w) => [name, `${f}/${d}/${w}`, { forward: f, data: d, weight: w }] as const),
      ),
    );
  },
);

function feedsOf(step: number): StepFeeds {
  const { data: image } = createTensor([BATCH, ...graph.input.shape]);
  createRandom(step).fillNormal(image);
  const { rows, normalizer } = createTargets([0, 1, 2, step], {
    batchSize: BATCH,
    classes: CLASSES,
  });
  return { image, target: rows, normalizer, masks: new Map() };
}

function run(convolutions: ConvolutionRecipe | LayerRecipes): Promise<UpdateResult> {
  const step = buildTrainingStep(graph, { batchSize: BATCH, ...rule, convolutions });
  const weights = initializeWeights(graph, { seed: 4, init: 'published' });
  return runUpdates(step, weights, { rule, learningRates: RATES, feedsOf, inPlace: false });
}

const direct = await run('direct');

function expectSame(found: UpdateResult): void {
  expectRelativelyClose(found.losses, direct.losses, 'losses', TOLERANCE);
  for (const [name, data] of direct.state) {
    expectRelativelyClose(found.state.get(name) ?? [], data, name, TOLERANCE);
  }
}

test('there is something to mix', () => {
  expect(layers.map(({ name }) => MIXES.filter(([layer]) => layer === name).length)).toEqual([
    2, 12, 12,
  ]);
});

test.each(MIXES)('%s by %s', async (layer, _recipe, recipe) => {
  expectSame(await run({ [layer]: recipe }));
});

test('all layers at once, each by another', async () => {
  const recipes = {
    conv1: { forward: 'direct', data: 'transposed', weight: 'columns' },
    conv2: { forward: 'direct', data: 'fourier', weight: 'columns' },
    conv3: { forward: 'fourier', data: 'transposed', weight: 'fourier' },
  } as const;
  const found = await run(recipes);
  expectSame(found);
  // Rounding, and so the recipes, did differ.
  expect(found.losses).not.toEqual(direct.losses);
});
