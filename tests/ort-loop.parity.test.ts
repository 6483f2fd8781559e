// Several steps in a run, the form of CUDA: on the processor, and up to the provider's name.
import { createModel } from '@alexnet/core';
import { type Checkpoint, completeTrainingConfig, type EngineState, train } from '@alexnet/train';
import { createWorkerEngineFactory, loadOnnxRuntime } from '@alexnet/train/node';
import { createOrtEngine, type OrtEngineOptions, type OrtModule } from '@alexnet/train/ort';
import { describe, expect, test } from 'vitest';
import { createStripes } from './browser/striped-pictures.ts';
import { expectRelativelyClose } from './ops/compare.ts';
import { requireOrSkip } from './require.ts';
import {
  expectSameBits,
  expectSameTraining,
  smallTraining,
  takeSmallSteps,
} from './small-training.ts';

/** As a share of the largest number. */
const TOLERANCE = 1e-5;

const ort = await loadOnnxRuntime();

function make(more: Partial<OrtEngineOptions> = {}) {
  return createOrtEngine({ ...smallTraining, ort, device: 'cpu', threads: 2, ...more });
}

/** What a runtime was asked for. */
interface Asked {
  /** Providers of each session. */
  readonly providers: unknown[];
  /** Runs of models with a loop. */
  loopRuns: number;
}

/** The same runtime, which notes what it is asked for and computes it on the processor. */
function withRecord(original: OrtModule, asked: Asked): OrtModule {
  const create: OrtModule['InferenceSession']['create'] = async (...args: unknown[]) => {
    const [model, { executionProviders, ...options }] = args as [
      Uint8Array,
      { executionProviders?: unknown },
    ];
    if (executionProviders) asked.providers.push(executionProviders);
    const session = await original.InferenceSession.create(model, options);
    const hasLoop = Buffer.from(model).includes('Loop');
    return new Proxy(session, {
      get(target, key) {
        const value = Reflect.get(target, key, target);
        if (key === 'run' && hasLoop) asked.loopRuns += 1;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  return { ...original, InferenceSession: { create } };
}

describe('several steps in a run', () => {
  test('learn what single steps teach, however they are put together', async () => {
    const expected = await takeSmallSteps(await make(), [[1], [2], [3], [4], [5], [6]]);
    const loop = await make({ form: 'loop' });
    expect(loop.loop?.maxSteps).toBe(32);
    const together = await takeSmallSteps(loop, [[1, 2, 3, 4, 5, 6]]);
    const apart = await takeSmallSteps(await make({ form: 'loop' }), [[1], [2, 3], [4, 5, 6]]);
    expectSameTraining(together, expected, TOLERANCE);
    // Same model, same numbers: how many are in a run changes no bit.
    expect(apart.losses).toEqual(together.losses);
    expectSameBits(apart.state, together.state);
  });

  test('frozen parameters stay, and where an average is kept, forward goes by it', async () => {
    const frozen = ['conv1.weight', 'conv1.bias', 'fc6.weight'];
    const rule = { ...smallTraining.rule, averageDecay: 0.5 };
    const expected = await takeSmallSteps(await make({ frozen, rule }), [[1], [2], [3]]);
    const found = await takeSmallSteps(await make({ frozen, rule, form: 'loop' }), [[1, 2, 3]]);
    expectSameTraining(found, expected, TOLERANCE);
    const pick = (state: EngineState) =>
      new Map([...state].filter(([name]) => frozen.includes(name)));
    expectSameBits(pick(found.state), pick(smallTraining.state));
  });

  test('and so in a thread of its own', async () => {
    const expected = await takeSmallSteps(await make({ form: 'loop' }), [[1, 2, 3]]);
    const createEngine = createWorkerEngineFactory({ threads: 2, form: 'loop' });
    const found = await takeSmallSteps(await createEngine(smallTraining), [[1, 2, 3]]);
    expect(found.losses).toEqual(expected.losses);
    expectSameBits(found.state, expected.state);
  });

  test('a training begun so goes on one step at a time, and the other way round', async () => {
    const whole = await takeSmallSteps(await make(), [[1], [2], [3], [4]]);
    const begun = await takeSmallSteps(await make({ form: 'loop' }), [[1, 2]]);
    const rest = await takeSmallSteps(await make({ state: begun.state }), [[3], [4]]);
    expectSameTraining({ ...rest, losses: [...begun.losses, ...rest.losses] }, whole, TOLERANCE);
    const first = await takeSmallSteps(await make(), [[1], [2]]);
    const loop = await make({ form: 'loop', state: first.state });
    const second = await takeSmallSteps(loop, [[3, 4]]);
    expectSameTraining(
      { ...second, losses: [...first.losses, ...second.losses] },
      whole,
      TOLERANCE,
    );
  });
});

describe('a training whose engine takes several steps in a run', () => {
  const labels = ['rising', 'falling'];
  const { graph, weights, metadata } = createModel('mini', {
    labels,
    classes: labels.length,
    inputSize: 67,
    widthMultiplier: 0.25,
    init: 'he',
  });
  const config = completeTrainingConfig({
    batchSize: 2,
    epochs: 2,
    checkpointSteps: 5,
    learningRate: 5e-4,
    augmentation: 'mild',
  });

  async function run(form: 'update' | 'loop', from?: Checkpoint) {
    const losses: number[] = [];
    const checkpoints: Checkpoint[] = [];
    const training = train({
      graph,
      metadata,
      state: from?.state ?? weights,
      ...(from ? { resumeFrom: from.progress } : {}),
      config,
      training: createStripes(labels),
      createEngine: createWorkerEngineFactory({ threads: 2, form }),
      store: {
        appendMetrics: async () => {},
        saveCheckpoint: async (checkpoint) => {
          checkpoints.push(checkpoint);
          return '';
        },
      },
    });
    for await (const event of training) if (event.event === 'step') losses.push(event.loss);
    return { losses, checkpoints };
  }

  test('has the losses of one that takes them singly, and goes on so from any checkpoint', async () => {
    const expected = await run('update');
    const found = await run('loop');
    expectRelativelyClose(found.losses, expected.losses, 'losses', TOLERANCE);
    const stepsOf = ({ checkpoints }: typeof found) =>
      checkpoints.map(({ progress }) => progress.step);
    expect(stepsOf(found)).toEqual(stepsOf(expected));
    const [first] = found.checkpoints;
    expect(first?.progress.step).toBe(5);
    const rest = await run('update', first);
    expectRelativelyClose(rest.losses, expected.losses.slice(5), 'losses', TOLERANCE);
  });
});

describe('CUDA', () => {
  test('is asked for by name in every session, and takes several steps in a run', async () => {
    const asked: Asked = { providers: [], loopRuns: 0 };
    const cuda = await make({ ort: withRecord(ort, asked), device: 'cuda' });
    expect(cuda.info.device).toBe('cuda');
    const found = await takeSmallSteps(cuda, [[1, 2, 3], [4]]);
    expect(asked.loopRuns).toBe(2);
    // One for the steps, one for scores.
    expect(asked.providers).toEqual([['cuda'], ['cuda']]);
    expectSameTraining(found, await takeSmallSteps(await make(), [[1], [2], [3], [4]]), TOLERANCE);
  });

  test('a batch that is taken in parts is one step at a time there as well', async () => {
    const asked: Asked = { providers: [], loopRuns: 0 };
    const cuda = await make({ ort: withRecord(ort, asked), device: 'cuda', microBatches: 2 });
    expect(cuda.loop).toBeUndefined();
    const found = await takeSmallSteps(cuda, [[1], [2]]);
    expect(asked.providers).toEqual([['cuda'], ['cuda'], ['cuda']]);
    expectSameTraining(found, await takeSmallSteps(await make(), [[1], [2]]), TOLERANCE);
  });

  test('that is not there is refused with what helps, never replaced', async (context) => {
    requireOrSkip(context, 'NO_CUDA', process.env.ALEXNET_REQUIRE_CUDA !== '1', 'there is CUDA');
    await expect(
      createWorkerEngineFactory({ device: 'cuda' })(smallTraining),
    ).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringMatching(/^onnxruntime cannot train on CUDA here: /),
      hint: expect.stringMatching(/nvidia-smi.*npm rebuild onnxruntime-node.*device cpu/),
    });
  });
});
