// Kills a training at random moments and goes on with it, until it is through; then compares every byte of its last
// checkpoint, and every loss, with a training that was never stopped.
// Usage: node bench/soak/kill.mjs [--kills 200] [--seed 1] [--steps 400]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@alexnet/core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const SAMPLE = join(ROOT, 'examples/data/fashion-mnist');
/** A call that has not been killed by then has at least begun. */
const MOST_STARTUP_MS = 1500;
/** Steps that a call may take before it is killed. */
const MOST_STEPS = 6;
const MOST_DELAY_MS = 60;
/** Of the kills, the share that falls into the start-up. */
const STARTUP_SHARE = 0.25;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '400' },
  },
});
const kills = Number(values.kills);
const random = createRandom(Number(values.seed));
// Dropout, augmentation, mixing, validation, checkpoints within an epoch: all that could go wrong is in it.
const train = [
  ...['train', SAMPLE, '--preset', 'mnist', '--width', '0.05', '--batch-size', '32'],
  ...['--augment', 'standard', '--mixup', '0.2', '--epochs', '2', '--max-steps', values.steps],
  ...['--checkpoint-steps', '3', '--threads', '2', '--validation', '0.02', '--seed', '5'],
];

const folder = mkdtempSync(join(tmpdir(), 'alexnet-soak-'));
try {
  const startedMs = performance.now();
  const whole = join(folder, 'whole');
  await call([...train, '--out', whole], null);
  const run = join(folder, 'killed');
  let killed = 0;
  let restarts = 0;
  while (killed < kills) {
    const moment =
      random.uniform() < STARTUP_SHARE
        ? { steps: 0, delayMs: random.uniform(0, MOST_STARTUP_MS) }
        : { steps: 1 + random.integer(MOST_STEPS), delayMs: random.uniform(0, MOST_DELAY_MS) };
    if ((await call(nextCall(run), moment)) === 'killed') killed += 1;
    else {
      // Through before all kills were made: the same again.
      compare(run, whole);
      rmSync(run, { recursive: true });
      restarts += 1;
    }
  }
  await call(nextCall(run), null);
  compare(run, whole);
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  console.log(
    `${killed} kills in ${restarts + 1} trainings of ${values.steps} steps: each ended with the bytes and the losses of one that was never stopped (${minutes} min).`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function nextCall(run) {
  return existsSync(join(run, 'config.json'))
    ? ['train', '--resume', run]
    : [...train, '--out', run];
}

/** Runs the command, and kills it some milliseconds after it has told of so many steps. */
function call(args, moment) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let steps = 0;
    let timer;
    let notes = '';
    const killSoon = () => {
      if (moment && steps >= moment.steps) {
        timer ??= setTimeout(() => child.kill('SIGKILL'), moment.delayMs);
      }
    };
    child.stderr.on('data', (chunk) => {
      notes += chunk;
    });
    child.stdout.on('data', (chunk) => {
      steps += String(chunk).split('"event":"step"').length - 1;
      killSoon();
    });
    killSoon();
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve('killed');
      else if (code === 0) resolve('through');
      else reject(new Error(`alexnet ${args[0]} ended with ${code}: ${notes}`));
    });
  });
}

function compare(run, whole) {
  const last = (path) => readFileSync(join(path, 'last'), 'utf8').trim();
  const bytes = (path) => readFileSync(join(path, 'checkpoints', last(path)));
  if (last(run) !== last(whole) || !bytes(run).equals(bytes(whole))) {
    throw new Error(`${run} ended with other bytes than ${whole}.`);
  }
  const losses = (path) =>
    readFileSync(join(path, 'metrics.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"event":"step"'))
      .map((line) => JSON.parse(line))
      .map(({ step, loss }) => `${step} ${loss}`)
      .join('\n');
  if (losses(run) !== losses(whole)) throw new Error(`${run} told of other losses than ${whole}.`);
}
