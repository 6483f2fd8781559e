// Optimisers, schedules and the rules beside them: from the command line into the run, and back at a resume.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';
import { configureOptimizer, nameOptimizer, OPTIMIZER_NAMES } from './optimizers.ts';

let root = '';
let photos = '';
let larger = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-update-'));
  photos = await writePictures('photos', 28);
  larger = await writePictures('larger', 40);
});

/** Two classes that differ in brightness, one twice as large as the other. */
async function writePictures(name: string, side: number): Promise<string> {
  const folder = join(root, name);
  for (const [label, grey, count] of [
    ['dark', 30, 16],
    ['light', 220, 8],
  ] as const) {
    await mkdir(join(folder, label), { recursive: true });
    for (let i = 0; i < count; i++) {
      const pixels = new Uint8Array(side * side).fill(grey + i);
      const png = await encodePng({ width: side, height: side, channels: 1, pixels });
      await writeFile(join(folder, label, `${i}.png`), png);
    }
  }
  return folder;
}
afterAll(async () => {
  await rm(root, { recursive: true });
});

const SMALL = ['--preset', 'mnist', '--width', '0.05', '--batch-size', '8', '--threads', '1'];

function train(out: string, ...options: readonly string[]) {
  return call('train', photos, ...SMALL, '--validation', '0', '--out', join(root, out), ...options);
}

async function trainingOf(out: string) {
  return JSON.parse(await readFile(join(root, out, 'config.json'), 'utf8')).training;
}

describe('optimizers', () => {
  test.each(OPTIMIZER_NAMES)('%s is a name and its settings', (name) => {
    const config = configureOptimizer(name, { weightDecay: 0.125 });
    expect(nameOptimizer(config)).toBe(name);
    expect(config.weightDecay).toBe(0.125);
  });
});

describe('every rule at once', () => {
  const options = [
    ...['--optimizer', 'nesterov', '--momentum', '0.8', '--weight-decay', '0.001'],
    ...['--lr-mult', '*.bias=2', 'fc8=10', '--decay-mult', '*.bias=0', '--clip-norm', '2'],
    ...['--average-decay', '0.5', '--schedule', 'multistep', '--milestones', '1,2'],
    ...['--warmup', '0.5', '--label-smoothing', '0.1', '--class-weights', 'balanced'],
    ...['--mixup', '0.2', '--micro-batches', '2', '--epochs', '3'],
  ];

  test('stands in the configuration, resolved', async () => {
    expect((await train('all', ...options)).exitCode).toBe(0);
    expect(await trainingOf('all')).toMatchObject({
      microBatches: 2,
      optimizer: { kind: 'sgd', momentum: 0.8, weightDecay: 0.001, nesterov: true },
      clip: { by: 'norm', limit: 2 },
      averageDecay: 0.5,
      schedule: { kind: 'multistep', epochs: [1, 2], factor: 0.1, warmupEpochs: 0.5 },
      labelSmoothing: 0.1,
      // 24 pictures, 16 and 8 of them: 24 / (2 · 16) and 24 / (2 · 8).
      classWeights: [0.75, 1.5],
      mixing: { kind: 'mixup', alpha: 0.2 },
      factors: {
        'conv1.bias': { learningRate: 2, weightDecay: 0 },
        'fc8.weight': { learningRate: 10, weightDecay: 1 },
        // The last one that names it holds.
        'fc8.bias': { learningRate: 10, weightDecay: 0 },
      },
    });
    expect((await trainingOf('all')).factors).not.toHaveProperty('conv1.weight');
  });

  test('goes on with the same options, and not with others', async () => {
    const resume = ['train', '--resume', join(root, 'all')];
    expect((await call(...resume, ...options)).exitCode).toBe(0);
    const { exitCode, notes } = await call(...resume, '--mixup', '0.4');
    expect(exitCode).toBe(2);
    expect(notes).toContain('The run was started with --mixup 0.2, but 0.4 is asked for now.');
  });
});

describe('gradients of photos', () => {
  const once = ['--preset', 'mnist', '--width', '0.05', '--max-steps', '1', '--threads', '1'];

  test.each([
    [[], ', gradients shortened to 2, seed'],
    [['--optimizer', 'nesterov-pytorch', '--mixup', '1'], ', mixup 1, gradients shortened to 2'],
    // Its rate is its own.
    [['--optimizer', 'adam'], 'mild, seed'],
    [['--clip-norm', '0'], 'mild, seed'],
    [['--clip-norm', '5', '--optimizer', 'adam'], ', gradients shortened to 5'],
    [['--clip-value', '0.5'], ', each gradient limited to 0.5'],
  ] as const)('%o: %s', async (options, plan) => {
    const { notes } = await call('train', larger, ...once, ...options, '--dry-run');
    expect(notes).toContain(plan);
  });

  test('are as long at a resume, and not of another length', async () => {
    const out = join(root, 'shortened');
    expect((await call('train', larger, ...once, '--out', out)).exitCode).toBe(0);
    expect(await trainingOf('shortened')).toMatchObject({ clip: { by: 'norm', limit: 2 } });
    expect((await call('train', '--resume', out, '--clip-norm', '2')).exitCode).toBe(0);
    const { exitCode, notes } = await call('train', '--resume', out, '--clip-norm', '0');
    expect(exitCode).toBe(2);
    expect(notes).toContain('The run was started with --clip-norm 2, but 0 is asked for now.');
  });
});

describe('--find-learning-rate', () => {
  test('draws a curve and names a rate, and leaves no run', async () => {
    const page = join(root, 'rates.html');
    const { exitCode, results } = await train('rates', '--find-learning-rate', page, '--json');
    expect(exitCode).toBe(0);
    const { points, suggestion } = JSON.parse(results[0] ?? '');
    expect(points.length).toBeGreaterThan(20);
    expect(suggestion).toBeGreaterThan(1e-6);
    expect(await readFile(page, 'utf8')).toContain('Loss by learning rate');
    await expect(trainingOf('rates')).rejects.toThrow('ENOENT');
  });
});

describe('wrong use', () => {
  test.each([
    [['--lr-mult', 'conv1'], '--lr-mult does not understand "conv1".'],
    [['--lr-mult', 'conv9=2'], 'No layer is called "conv9".'],
    [['--milestones', '3'], '--milestones are those of the schedule multistep.'],
    [['--unfreeze-at', '3'], '--unfreeze-at needs --freeze'],
    [['--feature-variants', '3'], '--feature-variants needs --freeze'],
    [['--freeze', 'conv*', '--feature-variants', '3'], '--feature-variants needs --augment'],
    [
      ['--schedule', 'multistep', '--milestones', '2', '1'],
      "schedule's milestone is 1; it should be above 2, the one before",
    ],
    [['--validation', '95%'], 'from 0 to 0.9'],
    [['--momentum', '1'], 'of at least 0, below 1'],
    [['--seed', '1e30'], 'It should be at most 9007199254740991'],
    [['--feature-cache-limit', '1GiB'], '--feature-cache-limit needs --freeze'],
    [['--freeze', 'conv1', '--unfreeze-at', '3', '--epochs', '2'], '--unfreeze-at 3 never comes'],
    [['--warmup', '2', '--epochs', '2'], '--warmup 2 never ends: the training has 2 epochs.'],
    [
      ['--schedule', 'multistep', '--milestones', '1', '3', '--warmup', '1', '--epochs', '4'],
      'The milestone 3 never comes: the training has 4 epochs, 1 of them warm-up.',
    ],
    [['--reinit', 'fc8'], '--reinit needs --from'],
    [['--optimizer', 'adam', '--momentum', '0.8'], '--momentum is of no use to this optimizer.'],
    [['--schedule', 'plateau'], 'plateau waits for the validation error'],
    [['--class-weights', '1,2,3'], '--class-weights has 3 numbers for 2 classes.'],
    [['--micro-batches', '3'], 'microBatches is 3; it should be a whole number that divides'],
    [['--optimizer', 'nesterov', '--momentum', '0'], 'Nesterov looks ahead'],
  ])('%o', async (options, message) => {
    const { exitCode, notes } = await train('wrong', ...options);
    expect(exitCode).toBe(2);
    expect(notes).toContain(message);
  });

  test.each([
    [['--clip-norm', '1', '--clip-value', '1'], '--clip-value'],
    [['--mixup', '1', '--cutmix', '1'], '--cutmix'],
    [['--label-smoothing', '1'], 'from 0 to 0.99'],
    [['--feature-cache-limit', 'much'], 'It should be a size'],
    [['--optimizer', 'adamm'], 'adam'],
  ])('%o', async (options, message) => {
    const { exitCode, notes } = await train('wrong', ...options);
    expect(exitCode).toBe(2);
    expect(notes).toContain(message);
  });

  test.each([
    [['--from', 'model.onnx', '--width', '0.5'], '--width'],
    [['--from', 'model.onnx', '--dropout', '0.5'], '--dropout'],
    [['--from', 'model.onnx', '--input-size', '64'], '--input-size'],
    [['--resume', 'runs/mnist-1', '--dry-run'], '--dry-run'],
  ])('%o: the other one decides it', async (options, name) => {
    const { exitCode, notes } = await call('train', photos, ...options);
    expect(exitCode).toBe(2);
    expect(notes).toContain('cannot be used with');
    expect(notes).toContain(name);
  });
});
