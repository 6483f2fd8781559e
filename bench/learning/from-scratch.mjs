// From scratch on a folder of photos: `alexnet train` with its defaults, then torchvision's AlexNet in PyTorch for as long,
// on the same training and test pictures.
// Usage: node bench/learning/from-scratch.mjs --data PHOTOS --python PATH [--test REGEX] [--epochs N] [--seconds N]
// With --seconds only PyTorch trains, for so long: a second half on a quiet machine.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@alexnet/core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const TORCH = fileURLToPath(new URL('torchvision_scratch.py', import.meta.url));
/** Of each class, where no --test says which pictures are for the test. */
const TEST_SHARE = 0.2;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string' },
    test: { type: 'string' },
    epochs: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '0' },
  },
});
if (values.data === undefined || values.python === undefined) {
  console.error('error: --data PHOTOS and --python PATH (with torch and torchvision) are needed.');
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'from-scratch-'));
try {
  const counts = split(resolve(values.data), work);
  const ours = values.seconds === undefined ? trainOurs() : { seconds: Number(values.seconds) };
  const theirs = run(values.python, [TORCH, join(work, 'train'), join(work, 'test'), ours.seconds]);
  console.log(JSON.stringify({ ...counts, alexnet: ours, pytorch: JSON.parse(theirs) }, null, 2));
} finally {
  rmSync(work, { recursive: true });
}

/** Links to the pictures, class by class, under `train` and `test`. */
function split(from, to) {
  const random = createRandom(Number(values.seed));
  const counts = { train: 0, test: 0 };
  const classes = readdirSync(from, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of classes) {
    for (const part of ['train', 'test']) mkdirSync(join(to, part, name), { recursive: true });
    const files = readdirSync(join(from, name)).sort();
    const isTest = chooseTest(files, random.split(name));
    for (const file of files) {
      const part = isTest(file) ? 'test' : 'train';
      symlinkSync(join(from, name, file), join(to, part, name, file));
      counts[part] += 1;
    }
  }
  return counts;
}

function chooseTest(files, random) {
  if (values.test !== undefined) return (file) => new RegExp(values.test).test(file);
  const order = random.shuffle(files.map((_, index) => index));
  const chosen = order.slice(0, Math.round(files.length * TEST_SHARE)).map((index) => files[index]);
  return (file) => chosen.includes(file);
}

function trainOurs() {
  const out = join(work, 'run');
  const epochs = values.epochs === undefined ? [] : ['--epochs', values.epochs];
  const startedMs = performance.now();
  const pictures = [join(work, 'train'), '--validation', join(work, 'test')];
  run(process.execPath, [CLI, 'train', ...pictures, ...epochs, '--out', out]);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const top1 = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event":"epoch"'))
    .map((line) => JSON.parse(line).validation.top1);
  return { seconds, epochs: top1.length, best: Math.max(...top1), last: top1.at(-1), top1 };
}

/** Runs a program, shows its progress and returns what it prints. */
function run(program, args) {
  const { status, stdout } = spawnSync(program, args.map(String), {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}.`);
  return stdout;
}
