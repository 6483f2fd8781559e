// How the flowers' model of apps/web was made: a fifth of each class is held back, the rest trains.
// Usage: node examples/flowers5/run.mjs PHOTOS [MODEL]   (PHOTOS/daisy/*.jpg, PHOTOS/tulips/*.jpg, …)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
/** Every fifth picture of a class, by name, is for the test. */
const TEST_EVERY = 5;

const [photos, model = 'flowers5.onnx'] = process.argv.slice(2);
if (photos === undefined) {
  console.error('Usage: node examples/flowers5/run.mjs PHOTOS [MODEL]');
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'flowers5-'));
try {
  const run = join(work, 'run');
  // The model says what it learned from by the name of this folder.
  const training = join(work, 'flower_photos');
  const test = join(work, 'test');
  split(resolve(photos), { training, test });
  const recipe = [
    '--epochs',
    '40',
    '--learning-rate',
    '0.02',
    '--weight-decay',
    '0.001',
    '--mixup',
    '0.2',
  ];
  alexnet(
    'train',
    training,
    '--preset',
    'compact-bn',
    '--init',
    'published',
    ...recipe,
    '--out',
    run,
  );
  alexnet('export', resolve(model), '--from', run, '--weights', 'int8');
  alexnet('eval', resolve(model), test);
} finally {
  rmSync(work, { recursive: true });
}

function split(from, { training, test }) {
  const classes = readdirSync(from, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of classes) {
    for (const folder of [training, test]) mkdirSync(join(folder, name), { recursive: true });
    const files = readdirSync(join(from, name)).sort();
    files.forEach((file, index) => {
      const to = index % TEST_EVERY === TEST_EVERY - 1 ? test : training;
      cpSync(join(from, name, file), join(to, name, file));
    });
  }
}

/** Runs a command of ours, shows it and what it prints, and stops where it fails. */
function alexnet(...args) {
  console.log(`\n$ alexnet ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [CLI, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`alexnet ${args[0]} ended with ${status}.`);
}
