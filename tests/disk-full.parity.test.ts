// A disk that fills up while a checkpoint is written: one clear error, and the last good checkpoint stays. While features
// are kept: older ones make room.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const SAMPLE = join(ROOT, 'examples/data/fashion-mnist');
const DISK_KIB = 4096;

let disk = '';
afterEach(() => {
  if (disk === '') return;
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
  disk = '';
});

/** Mounts a small disk in memory; needs root on Linux. */
function mountDisk(sizeKib = DISK_KIB): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'tmpfs', folder]);
  if (status === 0) disk = folder;
  else rmSync(folder, { recursive: true });
  return status === 0;
}

function alexnet(...args: readonly string[]) {
  const env = disk === '' ? process.env : { ...process.env, ALEXNET_CACHE: disk };
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env });
}

test('the last good checkpoint outlives a full disk, and the run goes on when there is room', (context) => {
  requireOrSkip(context, 'TMPFS', mountDisk(), 'mounting a small disk needs root on Linux');
  const run = join(disk, 'run');
  const train = [
    'train',
    SAMPLE,
    '--preset',
    'mnist',
    '--width',
    '0.1',
    '--epochs',
    '1',
    '--batch-size',
    '32',
    '--max-steps',
    '6',
    '--validation',
    '0',
    '--checkpoint-steps',
    '2',
    '--threads',
    '1',
    '--out',
    run,
  ];

  // A checkpoint has 0.5 MB: two fit beside the filler, a third that is written before one goes does not.
  const first = alexnet(...train.slice(0, -1), join(disk, 'measure'));
  expect(first.status).toBe(0);
  const [name = ''] = readdirSync(join(disk, 'measure', 'checkpoints'));
  const checkpointKib = statSync(join(disk, 'measure', 'checkpoints', name)).size / 1024;
  rmSync(join(disk, 'measure'), { recursive: true });
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(Math.floor((DISK_KIB - 2.5 * checkpointKib) * 1024)));

  const full = alexnet(...train);
  expect(full.stderr).toMatch(/^error: .*(full|space)/m);
  expect(full.stderr).toMatch(/^hint: /m);
  expect(full.stderr).not.toMatch(/^\s+at /m);
  expect(full.status).toBe(1);
  const kept = readdirSync(join(run, 'checkpoints'));
  expect(kept.filter((file) => file.endsWith('.tmp'))).toEqual([]);
  expect(kept.length).toBeGreaterThanOrEqual(1);

  rmSync(filler);
  const resumed = alexnet('train', '--resume', run);
  expect(resumed.stderr).toMatch(/Going on with .* after step [24]/);
  expect(resumed.status).toBe(0);
});

test('a run in a read-only folder is refused before a step is taken, and so is going on there', (context) => {
  requireOrSkip(context, 'TMPFS', mountDisk(), 'mounting a small disk needs root on Linux');
  const run = join(disk, 'run');
  const small = ['--preset', 'mnist', '--width', '0.05', '--max-steps', '2', '--validation', '0'];
  const train = ['train', SAMPLE, ...small, '--threads', '1', '--out'];
  expect(alexnet(...train, run).status).toBe(0);
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const fresh = alexnet(...train, join(disk, 'another'));
  expect(fresh.stderr).toMatch(/^error: The folder of the run cannot be made: .*read-only/m);
  expect(fresh.stderr).toMatch(/^hint: .*--out/m);
  expect(fresh.status).toBe(1);
  const resumed = alexnet('train', '--resume', run);
  expect(resumed.stderr).toMatch(/^error: Could not write .*lock\.json: the disk is read-only/m);
  expect(resumed.status).toBe(1);
});

test('features that were kept before make room for those of another training', (context) => {
  const sizeKib = 64 * 1024;
  requireOrSkip(context, 'TMPFS', mountDisk(sizeKib), 'mounting a small disk needs root on Linux');
  const runs = mkdtempSync(join(tmpdir(), 'alexnet-runs-'));
  const small = ['--preset', 'mnist', '--width', '0.05', '--max-steps', '2', '--threads', '1'];
  const train = (seed: string) => {
    const folder = join(runs, seed);
    return alexnet(
      ...['train', SAMPLE, ...small, '--freeze', 'conv*', '--seed', seed, '--out', folder],
    );
  };
  const caches = () => readdirSync(join(disk, 'features'));
  expect(train('1').status).toBe(0);
  const [first = ''] = caches();
  const cacheKib = sizeKib - freeKib();
  // Half a cache is free.
  const filler = Buffer.alloc(Math.floor(freeKib() - cacheKib / 2) * 1024);
  writeFileSync(join(disk, 'filler'), filler);
  const second = train('2');
  expect(second.stderr).toContain(
    `features  the disk is full, older ones were removed: ${join(disk, 'features', first)}, `,
  );
  expect(second.status).toBe(0);
  expect(caches()).toHaveLength(1);
  expect(caches()).not.toContain(first);
  rmSync(runs, { recursive: true });
});

function freeKib(): number {
  const { bavail, bsize } = statfsSync(disk);
  return (bavail * bsize) / 1024;
}
