import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const SAMPLE = join(ROOT, 'examples/data/fashion-mnist');
/** A run that an earlier version began and was killed in, and the steps of the same training unbroken. */
const GOLDEN = join(ROOT, 'tests/golden/older-run');
const CHECKPOINT_STEP = 5;
/** Measured: 3.2e-6. */
const LOSS_TOLERANCE = 2e-5;

let root = '';
let run = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-older-'));
  run = join(root, 'run');
  await cp(join(GOLDEN, 'run'), run, { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

test('a run of an earlier version goes on as that version would have', async () => {
  await promisify(execFile)(process.execPath, [CLI, 'train', SAMPLE, '--resume', run]);
  const expected = await readSteps(join(GOLDEN, 'whole.jsonl'));
  const steps = await readSteps(join(run, 'metrics.jsonl'));
  expect(expected).toHaveLength(20);
  expect(steps.map(({ step }) => step)).toEqual(expected.map(({ step }) => step));
  expect(steps.map(({ learningRate }) => learningRate)).toEqual(
    expected.map(({ learningRate }) => learningRate),
  );
  const errors = steps.map(({ loss }, index) => Math.abs(loss / (expected[index]?.loss ?? 0) - 1));
  expect(Math.max(...errors.slice(CHECKPOINT_STEP))).toBeLessThan(LOSS_TOLERANCE);
});

interface Step {
  readonly event: string;
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
}

async function readSteps(file: string): Promise<readonly Step[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.map((line): Step => JSON.parse(line)).filter(({ event }) => event === 'step');
}
