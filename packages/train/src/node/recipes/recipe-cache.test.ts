import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConvolutionLayer, LayerRecipe } from '@alexnet/autodiff';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeProcessor } from './machine.ts';
import { findRecipe } from './recipe-cache.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-recipes-'));
});
afterEach(() => rm(folder, { recursive: true }));

const MACHINE = {
  cpu: 'linux x64 a processor',
  cores: 2,
  threads: 2,
  blockedChannels: 16,
  runtime: 'onnxruntime-node 1.30.0',
};
const MIXED: LayerRecipe = { forward: 'fourier', data: 'transposed', weight: 'columns' };

function layer(batch = 32): ConvolutionLayer {
  const extent = { batch, channels: 8, height: 13, width: 13 };
  return {
    name: 'conv3',
    geometry: {
      x: extent,
      dy: extent,
      kernel: [3, 3],
      strides: [1, 1],
      pads: [1, 1, 1, 1],
      group: 1,
    },
    wanted: { data: true, weight: true },
  };
}

/** Looks a recipe up, counts what is measured and hears what is wrong. */
async function find({ of = layer(), machine = MACHINE, found = MIXED, into = folder } = {}) {
  let measured = 0;
  const troubles: string[] = [];
  const recipe = await findRecipe(of, {
    folder: into,
    machine,
    measure: async () => {
      measured += 1;
      return found;
    },
    onTrouble: ({ message }) => troubles.push(message),
  });
  return { recipe, measured, troubles };
}

test('is measured once', async () => {
  expect(await find()).toEqual({ recipe: MIXED, measured: 1, troubles: [] });
  const other: LayerRecipe = { forward: 'direct', data: 'turned', weight: 'columns' };
  expect(await find({ found: other })).toEqual({ recipe: MIXED, measured: 0, troubles: [] });
});

test.each([
  ['processor', { machine: { ...MACHINE, cpu: 'linux x64 another one' } }],
  ['number of cores', { machine: { ...MACHINE, cores: 4 } }],
  ['number of threads', { machine: { ...MACHINE, threads: 1 } }],
  ['width of vectors', { machine: { ...MACHINE, blockedChannels: 8 } }],
  ['release', { machine: { ...MACHINE, runtime: 'onnxruntime-node 1.31.0' } }],
  ['batch size', { of: layer(64) }],
  ['set of gradients', { of: { ...layer(), wanted: { data: false, weight: true } } }],
])('another %s is measured for itself', async (_what, other) => {
  await find();
  expect((await find(other)).measured).toBe(1);
  expect((await find()).measured).toBe(0);
});

test.each([
  ['half a file', (text: string) => text.slice(0, 40), 'cannot be read as JSON'],
  ['no recipe', (text: string) => text.replace('"columns"', '"rows"'), 'recipe.weight'],
  [
    'one that is not allowed',
    (text: string) => text.replace('"columns"', '"convolution"'),
    '"weight"',
  ],
  ['one of another machine', (text: string) => text.replace('1.30.0', '1.29.0'), 'another machine'],
  ['another version', (text: string) => text.replace('"version": 1', '"version": 0'), 'version'],
])('%s is told of and measured anew', async (_what, damage, told) => {
  await find();
  const [name = ''] = await readdir(folder);
  const file = join(folder, name);
  await writeFile(file, damage(await readFile(file, 'utf8')));
  const { recipe, measured, troubles } = await find();
  expect({ recipe, measured }).toEqual({ recipe: MIXED, measured: 1 });
  expect(troubles.join()).toContain(told);
  expect(await find()).toEqual({ recipe: MIXED, measured: 0, troubles: [] });
});

test('a folder that cannot be written is told of, and the recipe used', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const { recipe, measured, troubles } = await find({ into: join(file, 'recipes') });
  expect({ recipe, measured }).toEqual({ recipe: MIXED, measured: 1 });
  expect(troubles.join()).toContain(join(file, 'recipes'));
});

test('the processor is told by more than its name where the system knows more', async () => {
  const text = await describeProcessor();
  expect(text).toBe(await describeProcessor());
  expect(text).not.toMatch(/MHz|bogomips/i);
  if (process.platform === 'linux') expect(text).toMatch(/\n(flags|Features) : /);
});
