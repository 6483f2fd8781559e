import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadModel } from '@alexnet/runtime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  hasPhotographs,
  PHOTOGRAPH_SOURCE,
  PHOTOGRAPHS_MISSING,
} from './golden/pictures/extract-photographs.ts';
import { requireOrSkip } from './require.ts';

// A network in integers says of real pictures what it says in float32. The page's network was trained on the other
// pictures of the same set: apps/web/public/models/flowers5.md.

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
const MODEL = fileURLToPath(new URL('../apps/web/public/models/flowers5.onnx', import.meta.url));
const TAR = join(PHOTOGRAPH_SOURCE, 'flowers5-2000-short224.tar');
const LEAST_AGREEMENT = 0.98; // measured: 0.995

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-int8-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** In each class, sorted by name, every fifth picture is for testing, as the model's card says. */
async function splitFlowers(): Promise<{ readonly train: string; readonly tests: string[] }> {
  const [train, test] = [join(folder, 'train'), join(folder, 'test')];
  await Promise.all([mkdir(train), mkdir(test)]);
  await run('tar', ['-xf', TAR, '-C', train, '--exclude=labels.tsv']);
  const tests: string[] = [];
  for (const label of await readdir(train)) {
    const names = (await readdir(join(train, label))).sort();
    for (const name of names.filter((_, index) => index % 5 === 4)) {
      const path = join(test, `${label}-${name}`);
      await rename(join(train, label, name), path);
      tests.push(path);
    }
  }
  return { train, tests };
}

async function findBest(
  tests: readonly string[],
  options: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const file = join(folder, 'model.onnx');
  await run(process.execPath, [COMMAND, 'export', file, '--from', MODEL, ...options]);
  const model = await loadModel(file, { device: 'cpu' });
  const found = await model.classifyBatch(tests, { topK: 1 });
  await model.dispose();
  return found.map(([best]) => best?.label);
}

test('integers find the class that float32 finds, in 98 of 100 photographs', async (context) => {
  requireOrSkip(context, 'DATA', hasPhotographs, PHOTOGRAPHS_MISSING);
  const { train, tests } = await splitFlowers();
  expect(tests).toHaveLength(400);
  const expected = await findBest(tests, []);
  const found = await findBest(tests, ['--dtype', 'int8', '--calibrate', train]);
  const same = found.filter((label, index) => label === expected[index]).length;
  expect(same / tests.length).toBeGreaterThanOrEqual(LEAST_AGREEMENT);
  // Neither says the same of everything.
  expect(new Set(expected).size).toBe(5);
}, 120_000);
