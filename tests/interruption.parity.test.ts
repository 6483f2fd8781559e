import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const SAMPLE = join(ROOT, 'examples/data/fashion-mnist');
/** Steps of seconds: the engine's thread is in the middle of one when the signals come. */
const SLOW_STEPS = [
  '--preset',
  'mnist',
  '--width',
  '0.5',
  '--batch-size',
  '1000',
  '--threads',
  '1',
];

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-interruption-'));
});
afterAll(() => rm(root, { recursive: true }));

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a second %s ends the command at once, in the middle of a step',
  async (signal) => {
    const run = join(root, signal);
    const args = ['train', SAMPLE, ...SLOW_STEPS, '--validation', '0', '--out', run, '--json'];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    const notes: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      notes.push(line);
      if (line.includes('Once more quits at once.')) child.kill(signal);
    });
    let steps = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (JSON.parse(line).event !== 'step') return;
      steps += 1;
      if (steps === 1) child.kill(signal);
    });

    expect(await closed, notes.join('\n')).toEqual([null, signal]);
    // The step under way was not waited for: after it, there would be a checkpoint.
    expect(steps).toBe(1);
    expect(await readdir(join(run, 'checkpoints'))).toEqual([]);
    expect(notes.join('\n')).not.toContain('error');
  },
);
