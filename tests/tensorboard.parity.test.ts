// The event files of a run, read by TensorBoard's own reader (PyPI: tensorboard).
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createNetwork } from '@alexnet/core';
import { decodeCheckpoint } from '@alexnet/train';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

const PYTHON = process.env.ALEXNET_PYTHON ?? '';
const SCRIPT = fileURLToPath(new URL('python/read_tensorboard.py', import.meta.url));
const MISSING = 'ALEXNET_PYTHON is not set: a Python with tests/python/requirements.txt.';
const CLI = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../examples/data/fashion-mnist', import.meta.url));
const run = promisify(execFile);

interface Found {
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly histograms: Readonly<
    Record<
      string,
      readonly {
        readonly step: number;
        readonly min: number;
        readonly max: number;
        readonly num: number;
        readonly sum: number;
        readonly limits: readonly number[];
        readonly counts: readonly number[];
      }[]
    >
  >;
  readonly images: Readonly<
    Record<string, readonly { step: number; width: number; height: number; png: string }[]>
  >;
  readonly graph: readonly { name: string; op: string; inputs: string[]; shape: number[] }[];
}

let root = '';
let found: Found;
let metrics: { event: string; step: number; [name: string]: unknown }[] = [];
beforeAll(async () => {
  if (PYTHON === '') return;
  root = await mkdtemp(join(tmpdir(), 'alexnet-tensorboard-'));
  const folder = join(root, 'run');
  const settings = ['--preset', 'mnist', '--width', '0.05', '--threads', '1', '--epochs', '2'];
  const sizes = ['--batch-size', '512', '--validation', '0.1', '--max-steps', '40'];
  const options = ['--gradient-histograms', '--checkpoint-steps', '20'];
  await run(process.execPath, [
    CLI,
    'train',
    SAMPLE,
    ...settings,
    ...sizes,
    ...options,
    '--out',
    folder,
  ]);
  const { stdout } = await run(PYTHON, [SCRIPT, folder], { maxBuffer: 2 ** 26 });
  found = JSON.parse(stdout);
  const lines = await readFile(join(folder, 'metrics.jsonl'), 'utf8');
  metrics = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

test('every figure is a curve, with the values of the metrics', (context) => {
  requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
  const steps = metrics.filter(({ event }) => event === 'step');
  const curve = (tag: string) => found.scalars[tag] ?? [];
  expect(curve('step/loss').map(([step]) => step)).toEqual(steps.map(({ step }) => step));
  for (const [index, { loss, learningRate }] of steps.entries()) {
    expect(curve('step/loss')[index]?.[1]).toBeCloseTo(Number(loss), 5);
    expect(curve('step/learning rate')[index]?.[1]).toBeCloseTo(Number(learningRate), 7);
  }
  const epochs = metrics.filter(({ event }) => event === 'epoch');
  expect(curve('validation/top-1')).toHaveLength(epochs.length);
  for (const tag of ['top-5', 'precision', 'recall', 'F1', 'loss']) {
    expect(curve(`validation/${tag}`), tag).toHaveLength(epochs.length);
  }
});

test('weights and gradients of every parameter have histograms that count them all', async (context) => {
  requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
  const name = (await readFile(join(root, 'run', 'last'), 'utf8')).trim();
  const { graph, state, progress } = decodeCheckpoint(
    await readFile(join(root, 'run', 'checkpoints', name)),
  );
  for (const { name: parameter } of graph.parameters) {
    const { data } = state.get(parameter) ?? { data: new Float32Array() };
    for (const group of ['weights', 'gradients']) {
      const last = found.histograms[`${group}/${parameter.replace('.', '/')}`]?.at(-1);
      expect(last?.step, parameter).toBe(progress.step);
      expect(last?.num).toBe(data.length);
      expect(last?.counts.reduce((a, b) => a + b)).toBe(data.length);
      expect(last?.limits).toEqual([...(last?.limits ?? [])].sort((a, b) => a - b));
    }
    const weights = found.histograms[`weights/${parameter.replace('.', '/')}`]?.at(-1);
    expect(weights?.min).toBeCloseTo(Math.min(...data), 6);
    expect(weights?.max).toBeCloseTo(Math.max(...data), 6);
    expect(weights?.sum).toBeCloseTo(
      data.reduce((a, b) => a + b, 0),
      2,
    );
  }
});

test('the graph has every layer, with what it reads and its shape', (context) => {
  requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
  const { graph } = createNetwork('mnist', { widthMultiplier: 0.05, classes: 10 });
  const layers = found.graph.filter(({ op }) => op !== 'Placeholder' && op !== 'VariableV2');
  expect(layers.map(({ name, op }) => [name, op])).toEqual(
    graph.nodes.map(({ name, op }) => [name, op]),
  );
  const byName = new Map(found.graph.map((node) => [node.name, node]));
  expect(byName.get('conv2')?.inputs).toEqual(['drop1', 'conv2/weight', 'conv2/bias']);
  expect(byName.get('pool1')?.shape.slice(2)).toEqual([14, 14]);
  for (const { inputs } of found.graph)
    for (const input of inputs) expect(byName.has(input)).toBe(true);
});

test('pictures and the confusion matrix are PNG files', (context) => {
  requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
  const samples = Object.keys(found.images).filter((tag) => tag.startsWith('pictures/'));
  expect(samples).toHaveLength(8);
  expect(found.images['validation/confusion matrix']?.at(-1)).toMatchObject({
    width: 320,
    height: 320,
    png: '89504e47',
  });
});

test('a run that goes on takes back what it had written beyond its last checkpoint', async (context) => {
  requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
  // Steps that were written and then lost: a file as a killed run leaves it, older than the next one.
  const { createTensorBoardStore } = await import('@alexnet/train/node');
  const folder = join(root, 'resumed');
  const { graph } = createNetwork('mini');
  const dataset = {
    name: 'none',
    labels: ['a'],
    length: 0,
    labelOf: () => 0,
    nameOf: String,
    keyOf: String,
    readPicture: async () => ({
      width: 1,
      height: 1,
      channels: 1 as const,
      pixels: new Uint8Array(1),
    }),
  };
  const store = { appendMetrics: async () => {}, saveCheckpoint: async () => '' };
  const write = async (resumedAtStep: number, steps: readonly number[], loss: number) => {
    const log = await createTensorBoardStore(store, {
      folder,
      graph,
      training: dataset,
      resumedAtStep,
    });
    for (const step of steps) {
      await log.appendMetrics({
        event: 'step',
        epoch: 1,
        step,
        loss,
        accuracy: 0,
        learningRate: 1,
        picturesPerSecond: 1,
      });
    }
    await log.close();
  };
  await write(0, [1, 2, 3, 4, 5], 1);
  await new Promise((later) => setTimeout(later, 1100));
  await write(3, [4, 5, 6], 2);
  const { stdout } = await run(PYTHON, [SCRIPT, folder]);
  const resumed: Found = JSON.parse(stdout);
  expect(resumed.scalars['step/loss']).toEqual(
    [1, 2, 3, 4, 5, 6].map((step) => [step, step < 4 ? 1 : 2]),
  );
});
