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
type KillMoment = {
  readonly steps: number;
  readonly delayMs: number;
  /** SIGKILL unless given. */
  readonly signal?: 'SIGINT';
};
const KILLS = 8;
/** At most this many steps a call, so that all the kills fall into the training, however fast it is. */
const MOST_STEPS_A_CALL = 12;
const MOST_DELAY_MS = 40;
/** Of these calls, the moment is one of the start-up: before the first step. */
const STARTUP_KILLS = [1, 4];
const MOST_STARTUP_MS = 600;

/** What an interrupted training tells. */
const WAY_ON = 'Nothing is lost. Go on with: alexnet train --resume';

let root = '';
let whole = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-kill-'));
  whole = join(root, 'whole');
  await alexnet(['train', ...TRAIN, '--out', whole]);
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Runs the command; kills it with SIGKILL at a moment, if one is given. @returns how it ended */
function alexnet(
  args: readonly string[],
  killAt?: KillMoment,
): Promise<number | 'killed' | 'interrupted'> {
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
      timer ??= setTimeout(() => child.kill(killAt.signal ?? 'SIGKILL'), killAt.delayMs);
    };
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (JSON.parse(line).event === 'step') steps += 1;
      killSoon();
    });
    killSoon();
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const text = Buffer.concat(notes).toString();
      if (signal === 'SIGKILL') resolve('killed');
      else if (killAt?.signal && code === 1 && text.includes(WAY_ON)) resolve('interrupted');
      else if (code === 0) resolve(0);
      else reject(new Error(`exit code ${code}: ${text}`));
    });
  });
}

async function lastCheckpoint(run: string): Promise<Buffer> {
  const name = (await readFile(join(run, 'last'), 'utf8')).trim();
  expect(name).toBe(`step-${STEPS}.safetensors`);
  return readFile(join(run, 'checkpoints', name));
}

test('SIGKILL at random moments changes nothing', async () => {
  const killed = join(root, 'killed');

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

  await expectSameEnd(killed);
});

test('Ctrl-C ends a training after the step under way, and it goes on from there', async () => {
  const run = join(root, 'interrupted');
  const moment = { steps: 5, delayMs: 0, signal: 'SIGINT' } as const;
  expect(await alexnet(['train', ...TRAIN, '--out', run], moment)).toBe('interrupted');
  const steps = (await stepsOf(run)).length;
  expect(steps).toBeGreaterThanOrEqual(5);
  expect((await readFile(join(run, 'last'), 'utf8')).trim()).toBe(`step-${steps}.safetensors`);
  expect(await alexnet(['train', '--resume', run])).toBe(0);
  await expectSameEnd(run);
});

async function expectSameEnd(run: string): Promise<void> {
  expect((await lastCheckpoint(run)).equals(await lastCheckpoint(whole))).toBe(true);
  expect(await stepsOf(run)).toEqual(await stepsOf(whole));
}

/** Number and loss of every step that is in the run's metrics. */
async function stepsOf(run: string): Promise<readonly (readonly number[])[]> {
  const text = await readFile(join(run, 'metrics.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'step')
    .map(({ step, loss }) => [step, loss]);
}
