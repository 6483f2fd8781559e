// Kills a training at random moments of every phase and goes on with it, until it is through; then compares every byte of
// its last checkpoint, every loss and the files that it leaves with those of a training that was never stopped.
// Usage: node bench/soak/kill.mjs [--kills 200] [--seed 1] [--steps 400]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@alexnet/core';
import { cutIdx } from './cut-idx.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const SAMPLE = join(ROOT, 'examples/data/fashion-mnist');
const PICTURES = 160;
/** 144 of the pictures in batches of 16: a call comes by the end of an epoch soon. */
const STEPS_PER_EPOCH = 9;
const CHECKPOINT_STEPS = 3;

/**
 * What a call does when it is killed: some milliseconds behind the `most`th event at latest that begins it, or
 * behind the start of the process.
 */
const PHASES = [
  { name: 'start-up', mostDelayMs: 1500 },
  { name: 'a step', begins: () => true, most: 6, mostDelayMs: 20 },
  {
    name: 'a checkpoint',
    begins: ({ step }) => step % CHECKPOINT_STEPS === 0,
    most: 2,
    mostDelayMs: 15,
  },
  {
    name: 'validation',
    begins: ({ step }) => step % STEPS_PER_EPOCH === 0,
    most: 1,
    mostDelayMs: 30,
  },
];

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '400' },
  },
});
const kills = Number(values.kills);
const random = createRandom(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), 'alexnet-soak-'));
const pictures = join(folder, 'pictures');
// Dropout, augmentation, mixing, validation, checkpoints within an epoch: all that could go wrong is in it.
const train = [
  ...['train', pictures, '--preset', 'mnist', '--width', '0.05', '--batch-size', '16'],
  ...['--augment', 'standard', '--mixup', '0.2', '--epochs', '1000', '--max-steps', values.steps],
  ...['--checkpoint-steps', String(CHECKPOINT_STEPS), '--validation', '0.1'],
  ...['--threads', '2', '--seed', '5'],
];
try {
  cutIdx(SAMPLE, pictures, PICTURES);
  const startedMs = performance.now();
  const whole = join(folder, 'whole');
  await call([...train, '--out', whole], null);
  const run = join(folder, 'killed');
  const counts = PHASES.map(() => 0);
  let killed = 0;
  let halfWritten = 0;
  let trainings = 1;
  while (killed < kills) {
    const phase = random.integer(PHASES.length);
    const { begins, most = 0, mostDelayMs } = PHASES[phase];
    const moment = {
      begins,
      events: begins ? 1 + random.integer(most) : 0,
      delayMs: random.uniform(0, mostDelayMs),
    };
    if ((await call(nextCall(run), moment)) === 'killed') {
      killed += 1;
      counts[phase] += 1;
      if (listFiles(run).some((name) => name.endsWith('.tmp'))) halfWritten += 1;
    } else {
      // Through before all kills were made: the same again.
      compare(run, whole);
      rmSync(run, { recursive: true });
      trainings += 1;
    }
  }
  await call(nextCall(run), null);
  compare(run, whole);
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  const phases = PHASES.map(({ name }, phase) => `${counts[phase]} in ${name}`).join(', ');
  console.log(
    `${killed} kills (${phases}; ${halfWritten} times a half-written file lay there) in ${trainings} × ${values.steps} steps: ` +
      `it ended with the bytes, the losses and the files of one that was never stopped (${minutes} min).`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function nextCall(run) {
  return existsSync(join(run, 'config.json'))
    ? ['train', '--resume', run]
    : [...train, '--out', run];
}

/** Runs the command, and kills it at a moment unless that is `null`. */
function call(args, moment) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let left = moment?.events ?? Number.POSITIVE_INFINITY;
    let timer;
    let notes = '';
    let line = '';
    const killSoon = () => {
      if (left <= 0) timer ??= setTimeout(() => child.kill('SIGKILL'), moment.delayMs);
    };
    child.stderr.on('data', (chunk) => {
      notes += chunk;
    });
    child.stdout.on('data', (chunk) => {
      const lines = `${line}${chunk}`.split('\n');
      line = lines.pop();
      const steps = lines.map((text) => JSON.parse(text)).filter(({ event }) => event === 'step');
      left -= steps.filter((event) => moment?.begins?.(event)).length;
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
  // TensorBoard's files are one for each call.
  const files = (path) => listFiles(path).filter((name) => !name.startsWith('events.'));
  if (files(run).join() !== files(whole).join()) {
    throw new Error(
      `${run} leaves ${files(run).join(', ')}; without kills it is ${files(whole).join(', ')}.`,
    );
  }
}

function listFiles(path) {
  return existsSync(path) ? readdirSync(path, { recursive: true }).sort() : [];
}
