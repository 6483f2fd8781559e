import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTensor, sizeOf, type Tensor } from '@alexnet/core';
import {
  readNpz,
  readNumpy,
  type WeightFile,
  writeNpz,
  writeNumpyDict,
  writePytorch,
} from '@alexnet/weights';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { readSource, seededIntegers, seededValues } from './golden/weights/seeded-values.ts';
import { requireOrSkip } from './require.ts';

// Files of NumPy, by Python 2 and 3 and every protocol of pickle, are read here; NumPy reads ours.

/** Of make_weights_numpy.py: shape of the weights, seed; the biases' seed is 50 more. */
const LAYERS = [
  { name: 'conv1', shape: [3, 3, 3, 4], seed: 1 },
  { name: 'conv2', shape: [5, 5, 2, 4], seed: 2 },
  { name: 'fc6', shape: [36, 8], seed: 3 },
  { name: 'fc8', shape: [8, 3], seed: 4 },
] as const;
const SHAPE = [2, 3, 4];
const SEED = 9;

const LAYER_FILES = [
  ...['python2-lists.npy', 'python2-dicts.npy', 'python2-ordered.pkl'],
  ...['python2-protocol0.npy', 'python2-protocol1.npy', 'numpy1-lists.npy', 'numpy1-dicts.npy'],
  ...['numpy2-lists.npy', 'numpy2-dicts.npy', 'numpy2-protocol5.pkl'],
  'numpy2-protocol5-moved.npy',
  ...Array.from({ length: 6 }, (_, protocol) => `numpy2-protocol${protocol}.npy`),
];

function valuesOf(file: WeightFile, name: string): readonly number[] {
  return [...(file.tensors.get(name)?.toFloat32() ?? [])];
}

function expectLayers(file: WeightFile, layers: readonly (typeof LAYERS)[number][]): void {
  const names = layers.flatMap(({ name }) => [`${name}/weights`, `${name}/biases`]);
  expect([...file.tensors.keys()].sort()).toEqual(names.sort());
  for (const { name, shape, seed } of layers) {
    const out = shape.at(-1) ?? 0;
    const [weights, biases] = [`${name}/weights`, `${name}/biases`];
    expect(file.tensors.get(weights)).toMatchObject({ dtype: 'float32', shape });
    expect(valuesOf(file, weights)).toEqual(seededValues(sizeOf(shape), seed));
    expect(file.tensors.get(biases)).toMatchObject({ dtype: 'float32', shape: [out] });
    expect(valuesOf(file, biases)).toEqual(seededValues(out, seed + 50));
  }
}

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('weights/numpy/'));
  expect(listed.length).toBe(25);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

describe('NumPy', () => {
  test.each(LAYER_FILES)('%s', async (name) => {
    const file = await readNumpy(readSource(`numpy/${name}`));
    expect(file).toMatchObject({
      format: 'numpy-dict',
      convention: { conv: 'HWIO', linear: 'in-out', flatten: 'HWC', channels: 'BGR' },
      notes: [],
    });
    expectLayers(file, LAYERS);
  });

  test.each([1, 2, 3])('one array, version %i of the format', async (version) => {
    const file = await readNumpy(readSource(`numpy/array-version${version}.npy`));
    expect(file).toMatchObject({ format: 'npy', notes: [] });
    expect(valuesOf(file, `array-version${version}`)).toEqual(seededValues(108, 1));
  });

  test('columns, other byte orders, halves and shared arrays in a pickle', async () => {
    const file = await readNumpy(readSource('numpy/mixed.npy'));
    const types = [...file.tensors].map(([name, { dtype, shape }]) => [name, dtype, shape]);
    expect(types).toEqual([
      ['fortran', 'float32', SHAPE],
      ['big', 'float64', SHAPE],
      ['half', 'float16', SHAPE],
      ['shared', 'float16', SHAPE],
    ]);
    for (const name of file.tensors.keys()) {
      expect(valuesOf(file, name)).toEqual(seededValues(24, SEED));
    }
    expect(file.notes).toEqual(['Left out, as no arrays of numbers: "names", "epoch".']);
  });

  test.each(['types.npz', 'types-compressed.npz'])(
    '%s: every type, order and layout',
    async (name) => {
      const file = await readNpz(readSource(`numpy/${name}`));
      const types = new Map(
        [
          ...(['i1 int8', 'i2 int16', 'i4 int32', 'i8 int64', 'b1 bool', 'u1 uint8'] as const),
          ...([
            'u2 int32',
            'u4 int64',
            'u8 int64',
            'f2 float16',
            'f4 float32',
            'f8 float64',
          ] as const),
        ].map((pair) => [pair.slice(0, 2), pair.slice(3)] as const),
      );
      for (const [code, dtype] of types) {
        const kinds = { i: 'signed', u: 'unsigned', b: 'bool' } as const;
        const kind = code.startsWith('i') ? kinds.i : code.startsWith('u') ? kinds.u : kinds.b;
        const expected = code.startsWith('f')
          ? seededValues(24, SEED)
          : seededIntegers(24, SEED, kind);
        for (const order of ['little', 'big', 'fortran']) {
          expect(file.tensors.get(`${order}_${code}`)).toMatchObject({ dtype, shape: SHAPE });
          expect(valuesOf(file, `${order}_${code}`), `${order} ${code}`).toEqual(expected);
        }
      }
      expect(file.tensors.get('scalar')?.shape).toEqual([]);
      expect(valuesOf(file, 'scalar')).toEqual(seededValues(1, SEED));
      expect(file.tensors.get('empty')?.shape).toEqual([0, 4]);
      expect(file.tensors.size).toBe(types.size * 3 + 2);
      expect(file.notes).toEqual(['Left out, as no arrays of numbers: "texts".']);
    },
  );

  test('an archive by Python 2, and one of pickled layers', async () => {
    const plain = await readNpz(readSource('numpy/python2.npz'));
    for (const { name, shape, seed } of LAYERS) {
      expect(plain.tensors.get(name)?.shape).toEqual(shape);
      expect(valuesOf(plain, name)).toEqual(seededValues(sizeOf(shape), seed));
    }
    const objects = await readNpz(readSource('numpy/objects.npz'));
    expectLayers(
      objects,
      LAYERS.filter(({ name }) => name === 'conv1' || name === 'fc8'),
    );
  });

  test('an array is a view of the file where it is aligned', async () => {
    const source = readSource('numpy/array-version1.npy');
    const bytes = new Uint8Array(source.bytes);
    const { tensors } = await readNumpy({ ...source, bytes });
    expect(tensors.get('array-version1')?.toFloat32().buffer).toBe(bytes.buffer);
  });
});

describe('what is written', () => {
  const PYTHON = process.env.ALEXNET_PYTHON ?? '';
  const MISSING = 'ALEXNET_PYTHON is not set: the path of a Python that has numpy installed.';
  const script = fileURLToPath(new URL('python/read_weights.py', import.meta.url));
  let folder: string;
  beforeEach((context) => requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alexnet-weights-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const tensorOf = (shape: readonly number[], seed: number): Tensor =>
    createTensor(shape, Float32Array.from(seededValues(sizeOf(shape), seed)));
  const tensors = new Map([
    ['conv1.weight', tensorOf([4, 3, 3, 3], 1)],
    ['conv1.bias', tensorOf([4], 51)],
    ['scalar', tensorOf([], 2)],
    ['empty', tensorOf([0, 3], 3)],
    ['größe/1', tensorOf([300, 7], 4)],
  ]);
  const layers = new Map(
    LAYERS.map(({ name, shape, seed }) => [
      name,
      { weights: tensorOf(shape, seed), biases: tensorOf([shape.at(-1) ?? 0], seed + 50) },
    ]),
  );
  const expectedTensors = Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, values: [...data] }]),
  );
  const expectedLayers = Object.fromEntries(
    [...layers].flatMap(([name, { weights, biases }]) => [
      [`${name}/weights`, { shape: weights.shape, values: [...weights.data] }],
      [`${name}/biases`, { shape: biases.shape, values: [...biases.data] }],
    ]),
  );

  test.each([
    { what: 'npz', bytes: writeNpz(tensors), expected: expectedTensors },
    { what: 'lists', bytes: writeNumpyDict(layers, 'lists'), expected: expectedLayers },
    { what: 'dicts', bytes: writeNumpyDict(layers, 'dicts'), expected: expectedLayers },
    { what: 'pytorch', bytes: writePytorch(tensors), expected: expectedTensors },
  ])('$what, as Python reads it', async ({ what, bytes, expected }) => {
    const path = join(folder, what);
    await writeFile(path, bytes);
    const { stdout, stderr } = await promisify(execFile)(PYTHON, [
      '-W',
      'error',
      script,
      what,
      path,
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(expected);
  });
});
