import { sizeOf } from '@alexnet/core';
import { readPytorch, type WeightFile, writePytorch } from '@alexnet/weights';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { readSource, seededIntegers, seededValues } from './golden/weights/seeded-values.ts';

// Files of torch.save, of both forms and by PyTorch 1.0 to 2.15, are read here.

/** Of make_weights_pytorch.py. */
const STATE = [
  { name: 'features.0.weight', shape: [4, 3, 3, 3], seed: 1 },
  { name: 'features.0.bias', shape: [4], seed: 51 },
  { name: 'classifier.1.weight', shape: [8, 36], seed: 3 },
  { name: 'classifier.1.bias', shape: [8], seed: 53 },
  { name: 'classifier.6.weight', shape: [3, 8], seed: 4 },
  { name: 'classifier.6.bias', shape: [3], seed: 54 },
] as const;
const SEED = 9;

const read = (name: string) => readPytorch(readSource(`pytorch/${name}`));

function valuesOf(file: WeightFile, name: string): readonly number[] {
  return [...(file.tensors.get(name)?.toFloat32() ?? [])];
}

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('weights/pytorch/'));
  expect(listed.length).toBe(20);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

describe('torch.save', () => {
  const optimizer = 'left out: "epoch", "arch", "best_acc1", "optimizer"';
  const oldOrder = 'left out: "epoch", "best_acc1", "arch", "optimizer"';
  const inner = 'Taken off the names: ".module".';
  test.each([
    { name: 'python2-state-dict.pth', format: 'pytorch-legacy', notes: [] },
    { name: 'torch1-state-dict.pth', format: 'pytorch-legacy', notes: [] },
    { name: 'torch2-legacy.pth', format: 'pytorch-legacy', notes: [] },
    { name: 'torch1-zip.pth', format: 'pytorch', notes: [] },
    { name: 'torch2-zip.pth', format: 'pytorch', notes: [] },
    { name: 'torch2-protocol4.pth', format: 'pytorch', notes: [] },
    { name: 'torch2-no-checksums.pth', format: 'pytorch', notes: [] },
    { name: 'torch2-deflated.pth', format: 'pytorch', notes: [] },
    { name: 'torch2-big-endian.pth', format: 'pytorch', notes: [] },
    { name: 'torch2-numpy-arrays.pth', format: 'pytorch', notes: [] },
    {
      name: 'python2-checkpoint.pth',
      format: 'pytorch-legacy',
      notes: [`A checkpoint: the weights are in "state_dict"; ${oldOrder}.`, inner],
    },
    {
      name: 'torch2-checkpoint.pth',
      format: 'pytorch',
      notes: [`A checkpoint: the weights are in "state_dict"; ${optimizer}.`, inner],
    },
    {
      name: 'torch2-parallel.pth',
      format: 'pytorch',
      notes: ['A checkpoint: the weights are in "model".', 'Taken off the names: "module.".'],
    },
  ])('$name', async ({ name, format, notes }) => {
    const file = await read(name);
    expect(file).toMatchObject({
      format,
      notes,
      convention: { conv: 'OIHW', linear: 'out-in', flatten: 'CHW', channels: 'RGB' },
    });
    expect([...file.tensors.keys()]).toEqual(STATE.map((entry) => entry.name));
    for (const { name: key, shape, seed } of STATE) {
      expect(file.tensors.get(key)).toMatchObject({ dtype: 'float32', shape });
      expect(valuesOf(file, key)).toEqual(seededValues(sizeOf(shape), seed));
    }
  });

  test.each(['torch2-types.pth', 'torch2-types-legacy.pth'])('%s: every type', async (name) => {
    const file = await read(name);
    const floats = ['float16', 'bfloat16', 'float32', 'float64'];
    const signed = ['int8', 'int16', 'int32', 'int64'];
    expect([...file.tensors.keys()].sort()).toEqual([...floats, ...signed, 'bool', 'uint8'].sort());
    for (const [type, { dtype, shape }] of file.tensors) {
      expect({ dtype, shape }).toEqual({ dtype: type, shape: [2, 3, 4] });
      const kind = type === 'bool' ? 'bool' : type === 'uint8' ? 'unsigned' : 'signed';
      const expected = floats.includes(type)
        ? seededValues(24, SEED)
        : seededIntegers(24, SEED, kind);
      expect(valuesOf(file, type), type).toEqual(expected);
    }
  });

  test.each(['python2-views.pth', 'torch2-views.pth', 'torch2-views-legacy.pth'])(
    '%s: tensors that are parts of storages, and parameters',
    async (name) => {
      const file = await read(name);
      const base = seededValues(24, SEED);
      const at = (row: number, column: number) => base[row * 6 + column] ?? Number.NaN;
      const rows = [0, 1, 2, 3];
      const columns = [0, 1, 2, 3, 4, 5];
      const expected = {
        base: { shape: [4, 6], values: base },
        transposed: {
          shape: [6, 4],
          values: columns.flatMap((column) => rows.map((row) => at(row, column))),
        },
        part: {
          shape: [2, 3],
          values: [1, 2].flatMap((row) => [1, 3, 5].map((column) => at(row, column))),
        },
        row: { shape: [6], values: columns.map((column) => at(2, column)) },
        same: { shape: [4, 6], values: base },
        parameter: { shape: [5], values: base.slice(0, 5) },
        frozen: { shape: [5], values: base.slice(0, 5) },
        tracked: { shape: [5], values: base.slice(0, 5) },
        expanded: { shape: [8], values: new Array<number>(8).fill(at(0, 0)) },
        scalar: { shape: [], values: base.slice(0, 1) },
        empty: { shape: [0, 3], values: [] },
      };
      const found = [...file.tensors].map(([key, { shape }]) => [
        key,
        { shape, values: valuesOf(file, key) },
      ]);
      expect(Object.fromEntries(found)).toEqual(expected);
    },
  );

  test('tensors are views of the file', async () => {
    const source = readSource('pytorch/torch2-zip.pth');
    const bytes = new Uint8Array(source.bytes);
    const { tensors } = await readPytorch({ ...source, bytes });
    expect([...tensors.values()].map((tensor) => tensor.toFloat32().buffer)).toEqual(
      STATE.map(() => bytes.buffer),
    );
  });

  test('a whole network is refused by its class, with what to save instead', async () => {
    await expect(read('torch2-module.pth')).rejects.toThrowError(
      expect.objectContaining({
        message: expect.stringContaining('"torch.nn.modules.container.Sequential"'),
        hint: expect.stringContaining('torch.save(model.state_dict()'),
      }),
    );
  });

  test('a type that no storage of ours has is refused by the function that makes it', async () => {
    await expect(read('torch2-uint16.pth')).rejects.toThrowError(/_rebuild_tensor_v3/);
  });

  test('what is written comes back as it was', async () => {
    const tensors = new Map(
      STATE.map(({ name, shape, seed }) => [
        name,
        { shape, data: Float32Array.from(seededValues(sizeOf(shape), seed)) },
      ]),
    );
    const bytes = writePytorch(tensors);
    const file = await readPytorch({ name: 'x.pth', bytes, sibling: async () => null });
    for (const [name, { shape, data }] of tensors) {
      expect(file.tensors.get(name)?.shape).toEqual(shape);
      expect(file.tensors.get(name)?.toFloat32()).toEqual(data);
    }
    expect(file.notes).toEqual([]);
  });
});
