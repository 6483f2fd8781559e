// The three forms of a training step agree on networks with groups, LRN, parts of matrices and batch normalisation.
import {
  buildTrainingLoop,
  buildTrainingStep,
  buildUpdate,
  type GradientClip,
  type StateArray,
} from '@alexnet/autodiff';
import {
  createGraphBuilder,
  createModel,
  createRandom,
  createTensor,
  type Graph,
  initializeWeights,
  sizeOf,
  type Weights,
} from '@alexnet/core';
import { createTargets, fillDropoutMask } from '@alexnet/train';
import { describe, expect, test } from 'vitest';
import { expectRelativelyClose } from './ops/compare.ts';
import {
  runGradients,
  runLoop,
  runSummedUpdates,
  runUpdates,
  type StepFeeds,
  type UpdateResult,
} from './ops/run-step.ts';

const BATCH = 4;
const CLASSES = 6;
const RATES = [0.01, 0.01, 0.005, 0.005];
/** Small enough that a fully connected layer of every network comes in parts. */
const PART_SIZES = { torchvision: 100_000, 'caffe-alexnet': 100_000, 'compact-bn': 1000 } as const;
type Preset = keyof typeof PART_SIZES;
/** As a share of the largest number. */
const TOLERANCE = 1e-5;
const rule = { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } } as const;

function modelOf(preset: Preset) {
  return createModel(preset, { classes: CLASSES, inputSize: 67, widthMultiplier: 0.125, seed: 3 });
}

/** Noise, and the masks that an engine would draw. */
function feedsOf(graph: Graph, masks: readonly MaskShape[], step: number): StepFeeds {
  const { data: image } = createTensor([BATCH, ...graph.input.shape]);
  createRandom(step).fillNormal(image);
  const labels = [0, 1, 2, step % CLASSES];
  const { rows, normalizer } = createTargets(labels, { batchSize: BATCH, classes: CLASSES });
  const drawn = masks.map(({ node, shape, ratio }) => {
    const { data } = createTensor([BATCH, ...shape.slice(1)]);
    fillDropoutMask(data, { seed: 5, step, node, ratio });
    return [node, data] as const;
  });
  return { image, target: rows, normalizer, masks: new Map(drawn) };
}

interface MaskShape {
  readonly node: string;
  readonly shape: readonly number[];
  readonly ratio: number;
}

function runOf(graph: Graph, masks: readonly MaskShape[]) {
  return {
    rule,
    learningRates: RATES,
    feedsOf: (step: number) => feedsOf(graph, masks, step),
  };
}

/** Weights as a step reads them: whole, or in parts. */
function cutWeights(weights: Weights, state: readonly StateArray[]): Weights {
  const cut = new Set(state.map(({ parameter }) => parameter));
  const arrays = state.filter(({ slot }) => slot === null);
  const parts = arrays.map(({ parameter, input, shape, offset }) => {
    const { data } = weights.get(parameter) ?? createTensor([0]);
    return [input, { shape, data: data.slice(offset, offset + sizeOf(shape)) }] as const;
  });
  return new Map([...[...weights].filter(([name]) => !cut.has(name)), ...parts]);
}

/** A step a run, new arrays each time: what the others are held against. */
async function runPlain(preset: Preset): Promise<UpdateResult> {
  const { graph, weights } = modelOf(preset);
  const step = buildTrainingStep(graph, {
    batchSize: BATCH,
    ...rule,
    partSize: PART_SIZES[preset],
  });
  return runUpdates(step, cutWeights(weights, step.state), {
    ...runOf(graph, step.masks),
    inPlace: false,
  });
}

function expectAgreement(found: UpdateResult, expected: UpdateResult): void {
  expectRelativelyClose(found.losses, expected.losses, 'losses', TOLERANCE);
  const whole = joinParts(expected);
  const others = joinParts(found);
  expect([...others.keys()].sort()).toEqual([...whole.keys()].sort());
  for (const [name, data] of whole) {
    expectRelativelyClose(others.get(name) ?? [], data, name, TOLERANCE);
  }
}

/** `fc6.weight[0:5]`, `fc6.weight[5:10]/momentum`, …: arrays without their rows. */
function joinParts({ state }: UpdateResult): ReadonlyMap<string, readonly number[]> {
  const joined = new Map<string, number[]>();
  for (const [name, data] of state) {
    const whole = name.replace(/\[\d+:\d+\]/, '');
    joined.set(whole, [...(joined.get(whole) ?? []), ...data]);
  }
  return joined;
}

describe.each(['torchvision', 'caffe-alexnet', 'compact-bn'] as const)('%s', (preset) => {
  test('written over the old state: the same bits', async () => {
    const { graph, weights } = modelOf(preset);
    const step = buildTrainingStep(graph, {
      batchSize: BATCH,
      ...rule,
      partSize: PART_SIZES[preset],
    });
    const run = runOf(graph, step.masks);
    const inPlace = await runUpdates(step, cutWeights(weights, step.state), {
      ...run,
      inPlace: true,
    });
    const plain = await runPlain(preset);
    expect(inPlace.losses).toEqual(plain.losses);
    expect(inPlace.state).toEqual(plain.state);
    expect(step.state.some(({ offset }) => offset > 0)).toBe(true);
  });

  test('three steps in a run, and one in the next', async () => {
    const { graph, weights } = modelOf(preset);
    const options = { batchSize: BATCH, ...rule, partSize: PART_SIZES[preset] };
    const loop = buildTrainingLoop(graph, options);
    const run = { ...runOf(graph, loop.step.masks), stepsPerCall: 3 };
    const looped = await runLoop(loop, cutWeights(weights, loop.state), run);
    expectAgreement(looped, await runPlain(preset));
  });
});

// Batch normalisation goes by the parts of a batch: no sum of theirs is the whole's.
test.each(['torchvision', 'caffe-alexnet'] as const)(
  '%s: gradients summed over two parts of the batch, then an update of their own',
  async (preset) => {
    const { graph, weights } = modelOf(preset);
    const options = { batchSize: BATCH / 2, ...rule, form: 'gradient-sums' } as const;
    const step = buildTrainingStep(graph, options);
    const update = buildUpdate(graph, rule);
    const summed = await runSummedUpdates({ step, update }, weights, runOf(graph, step.masks));
    expectAgreement(summed, await runPlain(preset));
  },
);

// Not with batch normalisation: the gradient of a bias before it is zero, and what is left is rounding.
test.each(['torchvision', 'caffe-alexnet'] as const)(
  '%s: max pools that do not say where their maxima are',
  async (preset) => {
    const { graph, weights } = modelOf(preset);
    const options = { batchSize: BATCH, ...rule, partSize: PART_SIZES[preset] };
    const step = buildTrainingStep(graph, { ...options, poolIndices: false });
    const pools = step.model.graph.node.filter(({ opType }) => opType === 'MaxPool');
    expect(pools.map(({ output }) => output.length)).toEqual([1, 1, 1]);
    const found = await runUpdates(step, cutWeights(weights, step.state), {
      ...runOf(graph, step.masks),
      inPlace: false,
    });
    expectAgreement(found, await runPlain(preset));
  },
);

test.each([
  { kernel: 2, stride: 2 },
  { kernel: [3, 2], stride: [2, 1], pads: [1, 0, 1, 1] },
  { kernel: 3, stride: 2, ceilMode: true },
  { kernel: 2, stride: 3 },
] as const)('of equal maxima the first takes the gradient: %o', async (pool) => {
  const init = {
    weight: { kind: 'normal', mean: 0, std: 1 },
    bias: { kind: 'constant', value: 0 },
  } as const;
  const graph = createGraphBuilder('ties', [1, 8, 8])
    .conv('conv1', { channels: 2, kernel: 3, pads: 1, init })
    .maxPool('pool1', pool)
    .flatten('flatten')
    .gemm('fc2', { features: CLASSES, init })
    .build();
  const weights = initializeWeights(graph, { seed: 3, init: 'published' });
  // Small whole numbers, of which many windows hold several largest ones.
  const whole = (data: Float32Array) => data.map((value) => Math.sign(Math.round(value)));
  const parameters = new Map(
    [...weights].map(
      ([name, { shape, data }]) =>
        [name, { shape, data: name.startsWith('conv1') ? whole(data) : data }] as const,
    ),
  );
  const feeds = feedsOf(graph, [], 1);
  const run = (poolIndices: boolean) => {
    const step = buildTrainingStep(graph, {
      batchSize: BATCH,
      ...rule,
      form: 'gradients',
      poolIndices,
    });
    return runGradients(step, parameters, { ...feeds, image: whole(feeds.image) });
  };
  const found = await run(false);
  const expected = await run(true);
  expect(expected.gradients.size).toBe(4);
  for (const [name, data] of expected.gradients) {
    expectRelativelyClose(found.gradients.get(name) ?? [], data, name, TOLERANCE);
  }
});

// Of few pictures and of many the gradient of x is made in two ways, and so are norms.
test.each([4, 130, 260])(
  'matrices in parts learn what whole ones do, %i pictures',
  async (batchSize) => {
    const init = {
      weight: { kind: 'normal', mean: 0, std: 0.1 },
      bias: { kind: 'constant', value: 0.1 },
    } as const;
    const graph = createGraphBuilder('dense', [1, 6, 6])
      .conv('conv1', { channels: 2, kernel: 3, pads: 1, init })
      .flatten('flatten')
      .gemm('fc2', { features: 150, init })
      .relu('relu2')
      .gemm('fc3', { features: CLASSES, init })
      .build();
    const weights = initializeWeights(graph, { seed: 3, init: 'published' });
    const feeds = (step: number): StepFeeds => {
      const { data: image } = createTensor([batchSize, 1, 6, 6]);
      createRandom(step).fillNormal(image);
      const labels = Array.from({ length: batchSize }, (_, i) => (i + step) % CLASSES);
      const { rows, normalizer } = createTargets(labels, { batchSize, classes: CLASSES });
      return { image, target: rows, normalizer, masks: new Map() };
    };
    const learn = (partSize: number, clip: GradientClip | null = null) => {
      const step = buildTrainingStep(graph, { batchSize, ...rule, clip, partSize });
      const run = { rule, learningRates: RATES, feedsOf: feeds, inPlace: false };
      return runUpdates(step, cutWeights(weights, step.state), run);
    };
    const inParts = await learn(1000);
    expect(
      [...inParts.state.keys()].filter((name) => /^fc2\.weight\[/.test(name)).length,
    ).toBeGreaterThan(2);
    const whole = await learn(1e9);
    expectAgreement(inParts, whole);
    // The norm of a part comes from products of pictures, that of a whole matrix from its gradient.
    const clip = { by: 'norm', limit: 0.1 } as const;
    const clipped = await learn(1000, clip);
    expectAgreement(clipped, await learn(1e9, clip));
    const [first = 0, second = 0, third = 0] = clipped.losses.map((loss, i) =>
      Math.abs(loss - (whole.losses[i] ?? 0)),
    );
    expect(first).toBeLessThan(1e-6);
    expect(second + third).toBeGreaterThan(1e-4);
  },
);
