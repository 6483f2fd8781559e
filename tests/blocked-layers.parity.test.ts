// Fully connected layers whose weights lie in blocks of rows learn what those learn whose rows lie one after another,
// which gradients.parity.test.ts and optimizers.parity.test.ts hold against PyTorch.
import { createGraphBuilder, createRandom, createTensor, initializeWeights } from '@alexnet/core';
import {
  createTargets,
  type EngineOptions,
  type EngineState,
  type TrainingEngine,
} from '@alexnet/train';
import { loadOnnxRuntime } from '@alexnet/train/node';
import { createOrtEngine, type OrtModule, probeBlockedChannels } from '@alexnet/train/ort';
import type * as Ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { expectRelativelyClose } from './ops/compare.ts';
import { expectSameBits } from './small-training.ts';

const BATCH = 32;
const CLASSES = 10;
const TOLERANCE = 1e-5;
const ort = await loadOnnxRuntime();
/** Every x64 processor has blocks, of 8 or 16 channels; of others it depends on the runtime. */
const lacksBlocks = process.arch !== 'x64' && (await probeBlockedChannels(ort)) === null;

const init = {
  weight: { kind: 'normal', mean: 0, std: 0.02 },
  bias: { kind: 'normal', mean: 0, std: 0.1 },
} as const;
/**
 * Two matrices of three million numbers, which come in parts; the first one's input has no gradient, the second one's
 * last five rows fill no block. Tanh is smooth: rounding never decides what a ReLU lets through.
 */
const graph = createGraphBuilder('wide', [6, 16, 16])
  .flatten('flatten')
  .dropout('drop6', 0.5)
  .gemm('fc6', { features: 2048, init })
  .tanh('tanh6')
  .dropout('drop7', 0.5)
  .gemm('fc7', { features: 1541, init })
  .tanh('tanh7')
  .gemm('fc8', { features: CLASSES, init })
  .build();
const weights = initializeWeights(graph, { seed: 2, init: 'published' });

const RULES: Readonly<Record<string, EngineOptions['rule']>> = {
  "sgd, Caffe's rule": { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
  "sgd, PyTorch's rule": {
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4, rule: 'pytorch' },
  },
  'sgd without decay': { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 } },
  "sgd, PyTorch's rule, Nesterov, averaged": {
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4, rule: 'pytorch', nesterov: true },
    averageDecay: 0.9,
  },
  'sgd without momentum, clipped by value': {
    optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
    clip: { by: 'value', limit: 0.001 },
  },
  'sgd, clipped by norm': {
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    clip: { by: 'norm', limit: 0.5 },
  },
  rmsprop: {
    optimizer: { kind: 'rmsprop', smoothing: 0.99, epsilon: 0.01, momentum: 0.9, weightDecay: 0 },
  },
};

function ruleOf(name: string): EngineOptions['rule'] {
  const rule = RULES[name];
  if (!rule) throw new Error(name);
  return rule;
}

function make(
  rule: EngineOptions['rule'],
  options: {
    readonly blockedChannels?: null;
    readonly inPlace?: boolean;
    readonly ort?: OrtModule;
    readonly state?: EngineState;
  } = {},
): Promise<TrainingEngine> {
  const { state = weights } = options;
  return createOrtEngine({
    ...{ graph, batchSize: BATCH, rule, frozen: [], seed: 1, ort, device: 'cpu', threads: 2 },
    ...options,
    state,
  });
}

function imagesOf(step: number): Float32Array {
  const { data } = createTensor([BATCH, ...graph.input.shape]);
  createRandom(step).fillNormal(data);
  return data;
}

async function train(engine: TrainingEngine, steps: readonly number[]) {
  const labels = Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const { rows: targets, normalizer } = createTargets(labels, {
    batchSize: BATCH,
    classes: CLASSES,
  });
  const losses: number[] = [];
  const logits: Float32Array[] = [];
  for (const step of steps) {
    const images = imagesOf(step);
    const input = { images, targets, normalizer, learningRate: 0.01, step };
    losses.push((await engine.step(input)).loss);
    // Between steps, so that weights of before would be noticed.
    logits.push(await engine.forward(images));
  }
  const state = await engine.readState();
  await engine.dispose();
  return { losses, logits, state };
}

test.skipIf(lacksBlocks).each(Object.keys(RULES))('the same within rounding: %s', async (name) => {
  const rule = ruleOf(name);
  const expected = await train(await make(rule, { blockedChannels: null }), [1, 2, 3]);
  const found = await train(await make(rule), [1, 2, 3]);
  expectRelativelyClose(found.losses, expected.losses, 'losses', TOLERANCE);
  for (const [step, logits] of expected.logits.entries()) {
    expectRelativelyClose(found.logits[step] ?? [], logits, `logits ${step}`, TOLERANCE);
  }
  expect([...found.state.keys()]).toEqual([...expected.state.keys()]);
  for (const [array, { shape, data }] of expected.state) {
    expect(found.state.get(array)?.shape, array).toEqual(shape);
    expectRelativelyClose(found.state.get(array)?.data ?? [], data, array, TOLERANCE);
  }
});

test.skipIf(lacksBlocks).each(Object.keys(RULES).filter((name) => name.startsWith('sgd')))(
  'in place and plain, in one go and resumed: the same bits: %s',
  async (name) => {
    const rule = ruleOf(name);
    const whole = await train(await make(rule), [1, 2, 3, 4]);
    const plain = await train(await make(rule, { inPlace: false }), [1, 2, 3, 4]);
    expect(plain.losses).toEqual(whole.losses);
    expectSameBits(plain.state, whole.state);
    const first = await train(await make(rule), [1, 2]);
    const second = await train(await make(rule, { state: first.state }), [3, 4]);
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    expectSameBits(second.state, whole.state);
    // It is another order of sums than that of matrix products.
    const standard = await train(await make(rule, { blockedChannels: null }), [1, 2, 3, 4]);
    expect(standard.logits).not.toEqual(whole.logits);
  },
);

/** The same runtime, whose blocked convolutions forget what they are to be added to. */
function withoutSums(original: OrtModule): OrtModule {
  const create: OrtModule['InferenceSession']['create'] = async (...args: unknown[]) => {
    const [bytes] = args;
    const session = await Reflect.apply(
      original.InferenceSession.create,
      original.InferenceSession,
      args,
    );
    const isStep =
      bytes instanceof Uint8Array &&
      ['com.microsoft.nchwc', 'fc7.weight'].every((text) => Buffer.from(bytes).includes(text));
    if (!isStep) return session;
    return new Proxy(session, {
      get(target, key) {
        if (key !== 'run') return Reflect.get(target, key, target);
        return async (feeds: object) => {
          const results = await target.run(feeds);
          results['fc6.weight[0:16]/momentum/new'].data.fill(0);
          return results;
        };
      },
    });
  };
  return { ...original, InferenceSession: { create } };
}

/** The same runtime, which tells how many outputs its steps have; `spoil` is done to the arrays of what it tries out. */
function watchSteps(
  original: OrtModule,
  spoil: (written: Readonly<Record<string, Ort.Tensor>>) => void,
) {
  const outputs: number[] = [];
  const create: OrtModule['InferenceSession']['create'] = async (...args: unknown[]) => {
    const session = await Reflect.apply(
      original.InferenceSession.create,
      original.InferenceSession,
      args,
    );
    outputs.push(session.outputNames.length);
    return new Proxy(session, {
      get(target, key) {
        if (key !== 'run') return Reflect.get(target, key, target);
        return async (feeds: Ort.InferenceSession.FeedsType, fetches: Record<string, Ort.Tensor>) =>
          target.run(feeds, fetches).finally(() => spoil(fetches ?? {}));
      },
    });
  };
  return { ort: { ...original, InferenceSession: { create } }, outputs };
}

test.skipIf(lacksBlocks)(
  'a runtime that is wrong where a state is written over by stages trains without them',
  async () => {
    const rule = { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } } as const;
    const healthy = watchSteps(ort, () => {});
    const expected = await train(await make(rule, { ort: healthy.ort }), [1, 2]);
    // In the matrix of the trial alone.
    const broken = watchSteps(ort, (written) => {
      const momenta = written['fc6.weight[0:16]/momentum/new']?.data;
      if (momenta instanceof Float32Array) momenta.fill(0);
    });
    const found = await train(await make(rule, { ort: broken.ort }), [1, 2]);
    expect(Math.max(...broken.outputs)).toBeLessThan(Math.max(...healthy.outputs));
    expect(found.losses).toEqual(expected.losses);
    expectSameBits(found.state, expected.state);
  },
);

test.skipIf(lacksBlocks)(
  'a runtime whose layers in blocks are wrong trains by the standard operators',
  async () => {
    expect([8, 16]).toContain(await probeBlockedChannels(ort));
    expect(await probeBlockedChannels(withoutSums(ort))).toBeNull();
  },
);
