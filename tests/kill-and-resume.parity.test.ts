// A training that is killed at random moments and resumed ends with the same bytes as one that was not.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@alexnet/core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const SAMPLE = join(ROOT, 'examples/data/fashion-mnist');
const STEPS = 160;
/** Dropout, augmentation, validation, checkpoints within an epoch: all that could go wrong is in it. */
const TRAIN = [
  SAMPLE,
  '--preset',
  'mnist',
  '--width',
  '0.05',
  '--augment',
  'standard',
  '--batch-size',
  '32',
  '--epochs',
  '1',
  '--max-steps',
  String(STEPS),
  '--checkpoint-steps',
  '4',
  '--threads',
  '2',
  '--validation',
  '0.02',
  '--seed',
  '5',
];
/** Moments of a kill, as shares of the time that the whole training takes: start-up and some of the steps. */
const KILL_BETWEEN = [0.1, 0.45] as const;
const MOST_KILLS = 8;
const MAX_CALLS = 40;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-kill-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Runs the command; kills it with SIGKILL after a time, if one is given. @returns how it ended */
function alexnet(args: readonly string[], killAfterMs?: number): Promise<number | 'killed'> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const notes: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => notes.push(chunk));
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve('killed');
      else if (code === 0) resolve(0);
      else reject(new Error(`exit code ${code}: ${Buffer.concat(notes)}`));
    });
  });
}

async function lastCheckpoint(run: string): Promise<Buffer> {
  const name = (await readFile(join(run, 'last'), 'utf8')).trim();
  expect(name).toBe(`step-${STEPS}.safetensors`);
  return readFile(join(run, 'checkpoints', name));
}

test('SIGKILL at random moments changes nothing', async () => {
  const whole = join(root, 'whole');
  const killed = join(root, 'killed');
  const startedMs = performance.now();
  await alexnet(['train', ...TRAIN, '--out', whole]);
  const wholeMs = performance.now() - startedMs;

  const random = createRandom(11);
  let kills = 0;
  let started = false;
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    started ||=
      (await readdir(root)).includes('killed') && (await readdir(killed)).includes('config.json');
    const args = started ? ['train', '--resume', killed] : ['train', ...TRAIN, '--out', killed];
    const isLastCall = calls === MAX_CALLS - 1 || kills >= MOST_KILLS;
    const outcome = await alexnet(
      args,
      isLastCall ? undefined : wholeMs * random.uniform(...KILL_BETWEEN),
    );
    if (outcome === 0) break;
    kills += 1;
  }

  expect(kills).toBeGreaterThanOrEqual(3);
  expect((await lastCheckpoint(killed)).equals(await lastCheckpoint(whole))).toBe(true);
  const steps = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'step')
      .map(({ step, loss }) => [step, loss]);
  const [before, after] = await Promise.all(
    [whole, killed].map(async (run) => steps(await readFile(join(run, 'metrics.jsonl'), 'utf8'))),
  );
  expect(after).toEqual(before);
});
