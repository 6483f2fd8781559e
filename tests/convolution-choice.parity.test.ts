// Convolutions as measured: what a run records of a trial, and goes on by.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));

let root = '';
let photos = '';
let measurements = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-convolutions-'));
  measurements = join(root, 'cache', 'recipes');
  photos = join(root, 'photos');
  for (const label of ['dark', 'light']) {
    await mkdir(join(photos, label), { recursive: true });
    for (let i = 0; i < 8; i++) {
      const pixels = Uint8Array.from({ length: 28 * 28 }, (_, at) =>
        label === 'dark' ? (at * (i + 3)) % 90 : 255 - ((at * (i + 7)) % 80),
      );
      const png = await encodePng({ width: 28, height: 28, channels: 1, pixels });
      await writeFile(join(photos, label, `${i}.png`), png);
    }
  }
});
afterAll(() => rm(root, { recursive: true }));

const SETTINGS = ['--preset', 'mnist', '--width', '0.05', '--batch-size', '4', '--validation', '0'];
const TRAIN = [...SETTINGS, '--threads', '1', '--max-steps', '6', '--checkpoint-steps', '3'];

/** Runs the command. */
function call(...args: readonly string[]) {
  const env = { ...process.env, ALEXNET_CACHE: join(root, 'cache') };
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...args], { env, encoding: 'utf8' });
  return { exitCode: status, notes: stderr };
}

function train(out: string, ...options: readonly string[]) {
  return call('train', photos, ...TRAIN, '--keep', '9', '--out', join(root, out), ...options);
}

async function configOf(run: string) {
  return JSON.parse(await readFile(join(root, run, 'config.json'), 'utf8'));
}

/** The last checkpoint: weights, momenta, metrics. */
async function endOf(run: string) {
  const name = (await readFile(join(root, run, 'last'), 'utf8')).trim();
  return readFile(join(root, run, 'checkpoints', name), 'base64');
}

/** Puts a recipe in the place of what was measured, where a layer may have it. */
async function pretendMeasured(recipe: object) {
  for (const name of await readdir(measurements)) {
    const file = join(measurements, name);
    const outcome = JSON.parse(await readFile(file, 'utf8'));
    const [stride] = outcome.of.geometry.strides;
    if (stride === 1) await writeFile(file, JSON.stringify({ ...outcome, recipe }));
  }
}

const MIXED = { forward: 'fourier', data: 'transposed', weight: 'columns' };
const OTHER = { forward: 'direct', data: 'fourier', weight: 'fourier' };

test('a run records what was measured, and goes on by it whatever is measured later', async () => {
  const plan = train('plan', '--convolutions', 'measured', '--dry-run');
  expect(plan.notes).toMatch(/^recipes {3}measured: conv1 \S+, conv2 /m);
  await pretendMeasured(MIXED);
  const { exitCode, notes } = train('whole', '--convolutions', 'measured');
  expect(exitCode).toBe(0);
  expect(notes).toContain('conv2 fourier/transposed/columns');
  expect((await configOf('whole')).convolutions).toMatchObject({ conv2: MIXED });

  await cp(join(root, 'whole'), join(root, 'broken'), { recursive: true });
  const [first = ''] = (await readdir(join(root, 'broken', 'checkpoints'))).sort();
  await writeFile(join(root, 'broken', 'last'), `${first}\n`);
  await pretendMeasured(OTHER);
  const resumed = call('train', '--resume', join(root, 'broken'));
  expect(resumed.notes).toMatch(/after step 3/);
  expect((await endOf('broken')) === (await endOf('whole'))).toBe(true);

  // The other recipes would have given other bits.
  train('other', '--convolutions', 'measured');
  expect((await configOf('other')).convolutions).toMatchObject({ conv2: OTHER });
  expect((await endOf('other')) === (await endOf('whole'))).toBe(false);
});

test('is counted unless asked for, in runs of earlier versions as well', async () => {
  const { notes } = train('counted', '--dry-run');
  expect(notes).toMatch(/^recipes {3}counted: conv1 \S+, conv2 /m);
  train('earlier');
  const { convolutions, ...config } = await configOf('earlier');
  expect(convolutions).toBeNull();
  await writeFile(join(root, 'earlier', 'config.json'), JSON.stringify(config));
  expect(call('train', '--resume', join(root, 'earlier')).exitCode).toBe(0);
  const changed = call('train', '--resume', join(root, 'earlier'), '--convolutions', 'measured');
  expect(changed.exitCode).not.toBe(0);
  expect(changed.notes).toContain('--convolutions "counted", but "measured" is asked for now');
});

test('layers that no step computes are not tried', async () => {
  const freeze = ['--convolutions', 'measured', '--freeze', 'conv*', '--dry-run'];
  const kept = train('kept', ...freeze, '--dropout', '0');
  expect(kept.notes).toContain('recipes   measured: no step computes a convolution');
  // Features end where the first value is dropped by chance.
  const dropped = train('dropped', ...freeze);
  expect(dropped.notes).toMatch(/^recipes {3}measured: conv2 \w+, conv3 \w+$/m);
  const later = ['--freeze', 'conv1', '--unfreeze-at', '2', '--epochs', '2'];
  const thawed = train('thawed', '--convolutions', 'measured', ...later);
  expect(thawed.exitCode).toBe(0);
  expect(Object.keys((await configOf('thawed')).convolutions)).toEqual(['conv1', 'conv2', 'conv3']);
});

test('a damaged outcome is measured anew, and said so', async () => {
  for (const name of await readdir(measurements)) await writeFile(join(measurements, name), '{');
  const { exitCode, notes } = train('anew', '--convolutions', 'measured', '--dry-run');
  expect(exitCode).toBe(0);
  expect(notes).toMatch(/^recipes {3}.*\.json cannot be read as JSON/m);
  const again = train('again', '--convolutions', 'measured', '--dry-run');
  expect(again.notes).not.toContain('cannot be read');
});

test('another engine has none to measure', async () => {
  const { exitCode, notes } = train(
    'tfjs',
    '--convolutions',
    'measured',
    '--engine',
    'tfjs',
    '--device',
    'cpu',
  );
  expect(exitCode).not.toBe(0);
  expect(notes).toContain('--convolutions measured is for onnxruntime on the processor');
});
