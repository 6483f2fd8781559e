import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isMeanImage, isSameShape, type Preprocessing, sizeOf, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { type KerasFile, readKeras, writeKerasWeights } from '@alexnet/weights';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { hashedValues } from './golden/hashed-values.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { readSource } from './golden/weights/seeded-values.ts';
import { expectAllClose, largest } from './ops/compare.ts';

// Files that Keras 1.2, 2.3, 2.12 and 3.15 saved compute here what Keras computes, with Theano, TensorFlow and PyTorch.

/** How an array is made: hashed values within the bound, and the offset on top. */
interface Recipe {
  readonly shape: readonly number[];
  readonly seed: number;
  readonly bound: number;
  readonly offset: number;
}

interface KerasCase {
  readonly file: string;
  readonly image: Recipe;
  /** In the order of the layers. */
  readonly arrays: readonly Recipe[];
  readonly output: readonly (readonly number[])[];
}

const MODES = ['keras1', 'keras2-tensorflow', 'keras2-theano', 'keras212', 'keras3', 'torch'];
const cases = MODES.flatMap((mode): readonly KerasCase[] => {
  const file = new URL(`golden/weights/keras/${mode}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).cases;
});

function make({ shape, seed, bound, offset }: Recipe): Tensor {
  const data = hashedValues(seed, sizeOf(shape), bound).map((value) => value + offset);
  return { shape, data };
}

/** Keras 1 does not say that Theano made its files, Keras 2 does. */
function readCase(file: string): Promise<KerasFile> {
  const source = readSource(`keras/${file}`);
  return readKeras(source, file.startsWith('keras1') ? { backend: 'theano' } : {});
}

/** [N, H, W, C] as [N, C, H, W], where it is not that yet. */
function toInput(picture: Tensor, shape: readonly number[]): Tensor {
  const [N = 0, ...rest] = picture.shape;
  if (isSameShape(rest, shape)) return picture;
  const [H = 0, W = 0, C = 0] = rest;
  const data = new Float32Array(picture.data.length);
  for (let index = 0; index < data.length; index += 1) {
    const pixel = Math.floor(index / C);
    const [n, place] = [Math.floor(pixel / (H * W)), pixel % (H * W)];
    data[(n * C + (index % C)) * H * W + place] = picture.data[index] ?? 0;
  }
  return { shape: [N, C, H, W], data };
}

/** What the file wants done to the pictures before the graph, but for their size. */
function prepare(picture: Tensor, preprocessing: Preprocessing | undefined): Tensor {
  if (!preprocessing) return picture;
  const { scale, mean } = preprocessing;
  const [first = 0] = mean === 'picture' || isMeanImage(mean) ? [] : mean;
  return { ...picture, data: picture.data.map((value) => value * scale - first) };
}

function describeArray(shape: readonly number[], numbers: Float32Array): string {
  return `${shape.join('×')}: ${numbers.join(' ')}`;
}

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => /^weights\/(?:keras|hdf5)\//.test(name));
  expect(listed.length).toBe(61);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

test('there are files of each version', () => {
  expect(cases.map(({ file }) => file).length).toBe(22);
});

describe.each(cases)('$file', ({ file, image, arrays, output }) => {
  test('has the arrays that its writer gave it', async () => {
    // As they are, not turned round.
    const { tensors } = await readKeras(readSource(`keras/${file}`), { backend: 'tensorflow' });
    const found = [...tensors.values()].map((each) => describeArray(each.shape, each.toFloat32()));
    const expected = arrays.map((recipe) => describeArray(recipe.shape, make(recipe).data));
    // Keras 3 does not say in weights alone how layers of several classes follow each other.
    const sort = (texts: string[]) => (file.endsWith('.weights.h5') ? texts.sort() : texts);
    expect(sort(found)).toEqual(sort(expected));
  });

  // Weights alone have no network.
  if (/weights\.h5$/.test(file)) return;

  test('computes what its writer computes', async () => {
    const { network } = await readCase(file);
    if (!network) throw new Error('no network');
    const { graph, metadata } = network;
    const picture = prepare(toInput(make(image), graph.input.shape), metadata.preprocessing);
    const found = interpret(graph, network.readWeights(), picture).get(graph.output)?.data ?? [];
    const expected = output.flat();
    const tolerance = AGREEMENT_TOLERANCES.weightsKeras * largest(expected);
    expectAllClose(found, expected, { name: file, tolerance });
  });
});

// check_weights_keras.py gave these very files to Keras.
describe('Keras reads what is written here', () => {
  interface Written {
    readonly file: string;
    readonly sha256: string;
    readonly output: readonly (readonly number[])[];
  }
  const written = ['keras3', 'keras2'].flatMap((mode): readonly Written[] => {
    const file = new URL(`golden/weights/keras/written-${mode}.json`, import.meta.url);
    return JSON.parse(readFileSync(file, 'utf8')).cases;
  });

  test.each([
    ['keras3.weights.h5', 'keras3-model.keras', 'keras3'],
    ['keras3-legacy.h5', 'keras3-model.keras', 'legacy'],
    ['keras2-legacy.h5', 'keras2-tensorflow-model.h5', 'legacy'],
  ] as const)('%s', async (name, from, form) => {
    const { tensors } = await readKeras(readSource(`keras/${from}`));
    const arrays = new Map(
      [...tensors].map(([array, { shape, toFloat32 }]) => [array, { shape, data: toFloat32() }]),
    );
    const found = written.find(({ file }) => file === name);
    const sha256 = createHash('sha256').update(writeKerasWeights(arrays, { form })).digest('hex');
    expect(sha256, `run check_weights_keras.py again`).toBe(found?.sha256);
    const expected = cases.find(({ file }) => file === from)?.output.flat() ?? [];
    const tolerance = AGREEMENT_TOLERANCES.weightsKeras * largest(expected);
    expectAllClose(found?.output.flat() ?? [], expected, { name, tolerance });
  });
});
