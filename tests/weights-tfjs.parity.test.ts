import { readFileSync } from 'node:fs';
import { sizeOf, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { readTfjsLayers } from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { hashedValues } from './golden/hashed-values.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';

// Layers models of TensorFlow.js, by its converter and by itself, compute here what Keras and TensorFlow.js compute.

interface TfjsGolden {
  readonly image: { readonly shape: readonly number[]; readonly seed: number; bound: number };
  readonly cases: readonly {
    readonly name: string;
    /** By weight: the first few numbers, and the sum. */
    readonly arrays: Readonly<
      Record<string, { readonly shape: readonly number[]; readonly values: number[]; sum: number }>
    >;
    readonly expected: readonly number[];
  }[];
}

const pathOf = (name: string) => new URL(`golden/weights/tfjs/${name}`, import.meta.url).pathname;
const cases = ['tfjs.json', 'javascript/tfjs.json'].flatMap((file) => {
  const { image, cases: found }: TfjsGolden = JSON.parse(readFileSync(pathOf(file), 'utf8'));
  return found.map((each) => ({ ...each, image }));
});

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('weights/tfjs/'));
  expect(listed.length).toBe(18);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

describe.each(cases)('$name', ({ name, image, arrays, expected }) => {
  const read = async () => readTfjsLayers(await openWeightSource(pathOf(`${name}/model.json`)));

  test('has the arrays that its loader reads', async () => {
    const { tensors } = await read();
    expect([...tensors.keys()].sort()).toEqual(Object.keys(arrays).sort());
    for (const [weight, { shape, values, sum }] of Object.entries(arrays)) {
      const tensor = tensors.get(weight);
      const found = [...(tensor?.toFloat32() ?? [])];
      expect(tensor?.shape, weight).toEqual(shape);
      expectAllClose(found.slice(0, 4), values, { name: weight, tolerance: 1e-7 });
      expect(found.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 4);
    }
  });

  test('computes what its writer computes', async () => {
    const { network } = await read();
    if (!network) throw new Error('no network');
    const picture: Tensor = {
      shape: image.shape,
      data: hashedValues(image.seed, sizeOf(image.shape), image.bound),
    };
    const values = interpret(network.graph, network.readWeights(), picture);
    const tolerance = AGREEMENT_TOLERANCES.weightsTfjs * largest(expected);
    expectAllClose(values.get(network.graph.output)?.data ?? [], expected, { name, tolerance });
  });
});

test('a Lambda layer is refused by name, unless the arrays alone are wanted', async () => {
  const source = await openWeightSource(pathOf('lambda/model.json'));
  await expect(readTfjsLayers(source)).rejects.toThrowError(
    expect.objectContaining({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/"twice".*"Lambda"/),
    }),
  );
  const { tensors } = await readTfjsLayers(source, { config: 'ignore' });
  expect([...tensors.keys()]).toEqual(['fc/kernel', 'fc/bias']);
});
