// Training on WebGPU in Node: the state stays on the device, the losses are the CPU's.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRelativelyClose } from './ops/compare.ts';
import { smallTraining } from './small-training.ts';
import { requireWebGpu, webGpuEnvironment } from './webgpu-driver.ts';

/** As a share of the largest number; measured: losses below 5e-6, scores 6.5e-6. */
const TOLERANCE = 2e-5;

/** Steps of one engine after another; each but the first goes on from the state of the one before. */
interface Leg {
  readonly device: 'cpu' | 'webgpu';
  /** In a thread of its own, as the command has it. */
  readonly inThread?: boolean;
  readonly steps: readonly number[];
  readonly microBatches?: number;
}

interface Trained {
  readonly devices: readonly string[];
  readonly losses: readonly number[];
  readonly scores: readonly number[];
  /** At the end. */
  readonly state: Readonly<Record<string, readonly number[]>>;
  /** Inputs of each run of a step in this thread, by where they lay. */
  readonly fed: readonly Readonly<Record<string, number>>[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-webgpu-training-'));
});
afterAll(() => rm(folder, { recursive: true }));

const entryOf = (name: string) => JSON.stringify(import.meta.resolve(name));

/** Runs a module in a process of its own: the loader reads its search path when a process starts. */
async function run(module: string, argument: unknown, env: NodeJS.ProcessEnv): Promise<unknown> {
  const script = join(folder, 'run.mjs');
  await writeFile(script, module);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, JSON.stringify(argument)],
    { env, maxBuffer: 2 ** 28 },
  );
  return JSON.parse(stdout);
}

const PREAMBLE = `
  import { createModel, createRandom, createTensor } from ${entryOf('@alexnet/core')};
  import { createTargets } from ${entryOf('@alexnet/train')};
  import { createWorkerEngineFactory, loadOnnxRuntime } from ${entryOf('@alexnet/train/node')};
  import { createOrtEngine } from ${entryOf('@alexnet/train/ort')};
  const settings = { classes: 3, inputSize: 67, widthMultiplier: 0.25, init: 'he', seed: 4 };
  const { graph, weights } = createModel('mini', settings);
  const batchSize = 2;
  const rule = { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } };
  const frozen = ['conv1.weight', 'conv1.bias'];
  const start = { graph, batchSize, rule, state: weights, frozen, seed: 1 };
`;

const TRAIN = `${PREAMBLE}
  const picturesOf = (step) => {
    const { data } = createTensor([batchSize, ...graph.input.shape]);
    createRandom(step).fillNormal(data);
    return data;
  };
  const original = await loadOnnxRuntime();
  const trained = { devices: [], losses: [], scores: [], state: {}, fed: [] };
  /** Notes where the inputs of steps lie. */
  const create = async (...args) => {
    const session = await original.InferenceSession.create(...args);
    const run = session.run.bind(session);
    session.run = (feeds, ...rest) => {
      const fed = {};
      for (const { location } of Object.values(feeds)) fed[location] = (fed[location] ?? 0) + 1;
      if ('target' in feeds) trained.fed.push(fed);
      return run(feeds, ...rest);
    };
    return session;
  };
  const ort = { ...original, InferenceSession: { create } };
  let state = weights;
  for (const { device, inThread, steps, microBatches = 1 } of JSON.parse(process.argv[2])) {
    const options = { ...start, state, microBatches };
    const engine = inThread
      ? await createWorkerEngineFactory({ device })(options)
      : await createOrtEngine({ ...options, ort, device });
    trained.devices.push(engine.info.device);
    for (const step of steps) {
      const { rows: targets } = createTargets([0, step % 3], { batchSize, classes: 3 });
      const images = picturesOf(step);
      const input = { images, targets, normalizer: batchSize, learningRate: 0.01, step };
      trained.losses.push((await engine.step(input)).loss);
      // A state that has been read goes on like any other.
      if (step === 2) await engine.readState();
    }
    trained.scores.push(...(await engine.forward(picturesOf(99))));
    state = await engine.readState();
    await engine.dispose();
  }
  for (const [name, { data }] of state) trained.state[name] = [...data];
  process.stdout.write(JSON.stringify(trained));
`;

/** Tells of the error of an engine on WebGPU. */
const FAIL = `${PREAMBLE}
  const createEngine = createWorkerEngineFactory({ device: 'webgpu' });
  const error = await createEngine(start).then(() => null, ({ code, message, hint }) => ({ code, message, hint }));
  process.stdout.write(JSON.stringify(error));
`;

async function train(legs: readonly Leg[]): Promise<Trained> {
  // The module above prints one.
  return (await run(TRAIN, legs, webGpuEnvironment())) as Trained;
}

test('learns what the CPU learns, whole batches and parts of them, and the CPU goes on from there', {
  timeout: 600_000,
}, async (context) => {
  requireWebGpu(context);
  const found = await train([
    { device: 'webgpu', steps: [1, 2, 3] },
    { device: 'webgpu', steps: [4], microBatches: 2, inThread: true },
    { device: 'cpu', steps: [5, 6] },
  ]);
  expect(found.devices).toEqual(['webgpu', 'webgpu', 'cpu']);
  // The first run gets the state from the host; from then on it is on the device.
  const [first, ...others] = found.fed.slice(0, 3);
  const learning = 2 * (smallTraining.graph.parameters.length - 2);
  const own = (first?.cpu ?? 0) - learning;
  expect(others).toEqual([1, 2].map(() => ({ cpu: own, 'gpu-buffer': learning })));

  const expected = await train([
    { device: 'cpu', steps: [1, 2, 3] },
    { device: 'cpu', steps: [4] },
    { device: 'cpu', steps: [5, 6] },
  ]);
  expectRelativelyClose(found.losses, expected.losses, 'losses', TOLERANCE);
  expectRelativelyClose(found.scores, expected.scores, 'scores', TOLERANCE);
  expect(Object.keys(found.state).sort()).toEqual(Object.keys(expected.state).sort());
  for (const [name, values] of Object.entries(expected.state)) {
    expectRelativelyClose(found.state[name] ?? [], values, name, TOLERANCE);
  }
});

test('without a driver it is refused with what helps, never replaced', async (context) => {
  if (process.platform !== 'linux') context.skip('drivers are hidden by variables of Vulkan');
  const none = { ...process.env, VK_ICD_FILENAMES: '/none', VK_DRIVER_FILES: '/none' };
  expect(await run(FAIL, null, none)).toEqual({
    code: 'DEVICE_UNAVAILABLE',
    message: expect.stringMatching(/^onnxruntime cannot train on WebGPU here: .*adapter/),
    hint: expect.stringMatching(/vulkaninfo.*device cpu/),
  });
});
