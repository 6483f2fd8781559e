// What a newcomer can do wrong with a training or a model, and what is said of it.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel } from '@alexnet/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '../models/write-model.ts';
import { call } from '../terminal/test-terminal.ts';
import { writePhotos } from './test-photos.ts';

let root = '';
let photos = '';
let trained = '';
const callerBefore = process.env.INIT_CWD;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-refusals-'));
  photos = await writePhotos(root);
  trained = join(root, 'trained');
  const options = ['--preset', 'mnist', '--width', '0.05', '--epochs', '1', '--threads', '1'];
  await call('train', photos, ...options, '--out', trained);
});
afterEach(() => {
  if (callerBefore === undefined) delete process.env.INIT_CWD;
  else process.env.INIT_CWD = callerBefore;
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

describe('train', () => {
  test('a run is no class of the next training', async () => {
    process.env.INIT_CWD = photos;
    const inside = await call('train', '.', '--max-steps', '1');
    expect(inside.exitCode).toBe(2);
    expect(inside.notes).toContain('The run would lie among the pictures');
    expect(await readdir(photos)).toEqual(['dark', 'light']);
    process.env.INIT_CWD = root;
    const empty = await call('train', photos, '--out', '', '--max-steps', '1');
    expect(empty.exitCode).toBe(2);
    expect(empty.notes).toContain('--out is empty');
  });

  test('pictures that cannot be read are counted among all, and a resume may allow more', async () => {
    const spoilt = join(root, 'spoilt');
    const held = join(root, 'held');
    await cp(photos, spoilt, { recursive: true });
    for (const label of ['dark', 'light']) {
      await mkdir(join(held, label), { recursive: true });
      await cp(join(photos, label, '0.png'), join(held, label, '0.png'));
    }
    await writeFile(join(held, 'dark', 'broken.png'), '<html>');
    const options = ['--preset', 'mini', '--epochs', '2', '--batch-size', '8', '--threads', '1'];
    // One of 3 to validate, one of 43 in all.
    const lenient = join(root, 'lenient');
    const whole = await call('train', spoilt, ...options, '--validation', held, '--out', lenient);
    expect(whole.notes).toMatch(/Skipped .*broken\.png: .* is a web page/);
    expect(whole.exitCode).toBe(0);

    const strict = join(root, 'strict');
    const limits = [...options, '--validation', held, '--max-bad', '0'];
    const before = await call('train', spoilt, ...limits, '--out', strict);
    expect(before.notes).toMatch(/1 of the 43 pictures of "spoilt" cannot be read, more than 0 %/);
    const after = await call('train', '--resume', strict, '--max-bad', '0.1');
    expect(after.exitCode).toBe(0);
    expect(after.results.join('\n')).toContain('Trained in');
  });

  test('nothing is trained where nothing can be', async () => {
    const frozen = await call('train', photos, '--preset', 'mini', '--freeze', '*');
    expect(frozen.exitCode).toBe(2);
    expect(frozen.notes).toMatch(/--freeze \* leaves nothing to learn: all \d+ parameters of mini/);
    const huge = await call('train', photos, '--width', '1000', '--dry-run');
    expect(huge.exitCode).toBe(2);
    expect(huge.notes).toMatch(
      /A step of compact-bn takes \d+\.\d GiB at least, by count, and this machine/,
    );
    const weightless = await call('train', photos, '--class-weights', '0,0');
    expect(weightless.exitCode).toBe(2);
    expect(weightless.notes).toContain('one of them above');
  });

  test('a validation that is no number ends the training, and is not the best', async () => {
    const out = join(root, 'lost');
    const options = [
      '--preset',
      'mini',
      '--batch-size',
      '36',
      '--threads',
      '1',
      '--clip-norm',
      '0',
    ];
    const { exitCode, notes } = await call(
      'train',
      photos,
      ...options,
      '--learning-rate',
      '1e30',
      '--schedule',
      'constant',
      '--epochs',
      '1',
      '--out',
      out,
    );
    expect(exitCode).not.toBe(0);
    expect(notes).toMatch(/The loss is no longer a number at step 2 .*: conv\d gives infinity/);
    expect(await readFile(join(out, 'metrics.jsonl'), 'utf8')).not.toContain('"best":true');
  });
});

describe('export', () => {
  test('what a format has no place for is said, and what is assumed in its place', async () => {
    const weights = join(root, 'weights.pth');
    const { notes } = await call('export', weights, '--from', trained);
    expect(notes).toContain('note: weights.pth holds weights alone.');
    const picture = join(photos, 'dark', '3.png');
    const predicted = await call('predict', weights, picture);
    expect(predicted.notes).toMatch(/^note: Assumed: pictures are prepared as "mnist"/m);
    const whole = join(root, 'whole.safetensors');
    expect((await call('export', whole, '--from', trained)).notes).toBe('');
    expect((await call('predict', whole, picture)).notes).toBe('');
  });

  test('a file is not written over itself, nor one replaced by a network that nobody asked for', async () => {
    const file = join(root, 'own.onnx');
    await call('export', file, '--from', trained);
    const before = await readFile(file);
    const itself = await call('export', file, '--from', file, '--dtype', 'float16');
    expect(itself.exitCode).toBe(2);
    expect(itself.notes).toContain('own.onnx would be written over itself');
    process.env.INIT_CWD = photos;
    const fresh = await call('export', file);
    expect(fresh.notes).toContain('would be replaced by an untrained network');
    expect(fresh.exitCode).not.toBe(0);
    expect((await readFile(file)).equals(before)).toBe(true);
    await call('export', file, '--preset', 'mini');
    expect((await call('export', file)).exitCode).toBe(0);
    await rm(file);
  });

  test('weights that are no numbers are told of', async () => {
    const model = createModel('mini', { classes: 3, seed: 0 });
    model.weights.get('fc6.weight')?.data.fill(Number.NaN, 0, 7);
    const file = join(root, 'nan.safetensors');
    await writeModel(file, model);
    const { notes, exitCode } = await call('export', join(root, 'nan.onnx'), '--from', file);
    expect(exitCode).toBe(0);
    expect(notes).toContain('7 of the 147,456 values of fc6.weight are NaN or infinite.');
  });
});
