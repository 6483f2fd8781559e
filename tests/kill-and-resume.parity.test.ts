// A training that is killed at random moments and resumed ends with the same bytes as one that was not.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
/** A call is killed in its start-up, or a few milliseconds after it has reported that many steps. */
type KillMoment = { readonly steps: number; readonly delayMs: number };
const KILLS = 8;
/** At most this many steps a call, so that all the kills fall into the training, however fast it is. */
const MOST_STEPS_A_CALL = 12;
const MOST_DELAY_MS = 40;
/** Of these calls, the moment is one of the start-up: before the first step. */
const STARTUP_KILLS = [1, 4];
const MOST_STARTUP_MS = 600;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-kill-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Runs the command; kills it with SIGKILL at a moment, if one is given. @returns how it ended */
function alexnet(args: readonly string[], killAt?: KillMoment): Promise<number | 'killed'> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const notes: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => notes.push(chunk));
    let timer: NodeJS.Timeout | undefined;
    let steps = 0;
    const killSoon = () => {
      if (killAt === undefined || steps < killAt.steps) return;
      timer ??= setTimeout(() => child.kill('SIGKILL'), killAt.delayMs);
    };
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (JSON.parse(line).event === 'step') steps += 1;
      killSoon();
    });
    killSoon();
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
  await alexnet(['train', ...TRAIN, '--out', whole]);

  const random = createRandom(11);
  for (let kill = 0; kill <= KILLS; kill++) {
    const started =
      (await readdir(root)).includes('killed') && (await readdir(killed)).includes('config.json');
    const args = started ? ['train', '--resume', killed] : ['train', ...TRAIN, '--out', killed];
    const moment = STARTUP_KILLS.includes(kill)
      ? { steps: 0, delayMs: random.uniform(0, MOST_STARTUP_MS) }
      : {
          steps: 1 + random.integer(MOST_STEPS_A_CALL),
          delayMs: random.uniform(0, MOST_DELAY_MS),
        };
    expect(await alexnet(args, kill < KILLS ? moment : undefined), `call ${kill}`).toBe(
      kill < KILLS ? 'killed' : 0,
    );
  }

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
