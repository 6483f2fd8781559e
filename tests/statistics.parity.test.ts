import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Dataset, measureDataset, type Picture } from '@alexnet/data';
import { expect, test } from 'vitest';

interface Cases {
  readonly sources: Readonly<Record<string, Omit<Picture, 'pixels'> & { pixels: string }>>;
  readonly statistics: readonly {
    readonly sources: readonly string[];
    readonly pixels: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly covariance: readonly (readonly number[])[];
    readonly eigenvalues: readonly number[];
    readonly eigenvectors: readonly (readonly number[])[];
    readonly meanImage: readonly number[] | null;
  }[];
}

/** Made by `make_augmentations.py` with NumPy. */
const cases: Cases = JSON.parse(
  gunzipSync(
    readFileSync(new URL('golden/augmentations/augmentations.json.gz', import.meta.url)),
  ).toString(),
);

function createDataset(names: readonly string[]): Dataset {
  return {
    name: 'golden',
    labels: ['all'],
    length: names.length,
    labelOf: () => 0,
    nameOf: String,
    keyOf: String,
    readPicture: async (index) => {
      const found = cases.sources[names[index] ?? ''];
      if (found === undefined) throw new Error(`no source ${names[index]}`);
      return { ...found, pixels: Uint8Array.from(Buffer.from(found.pixels, 'base64')) };
    },
  };
}

const FRAMING = {
  resize: { mode: 'short-side', size: 12, filter: 'bilinear', antialias: true },
  crop: { width: 10, height: 10 },
} as const;

/** NumPy rounds in its sums; here they are exact. */
const TOLERANCE = 1e-12;

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const off = actual.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
  expect(Math.max(...off)).toBeLessThan(TOLERANCE);
}

test.each(cases.statistics)('$sources measured as by NumPy', async ({ sources, ...expected }) => {
  const measured = await measureDataset(createDataset(sources), {
    ...(expected.meanImage ? { framing: FRAMING, meanImage: true } : {}),
  });
  expect(measured.pictures).toBe(sources.length);
  expect(measured.pixels).toBe(expected.pixels);
  expect(measured.channels).toBe(expected.mean.length);
  expectClose(measured.mean, expected.mean);
  expectClose(measured.std, expected.std);
  expectClose(measured.covariance.flat(), expected.covariance.flat());
  expectClose(measured.components.eigenvalues, expected.eigenvalues);
  expectClose(measured.components.eigenvectors.flat(), expected.eigenvectors.flat());
  if (expected.meanImage === null) expect(measured.meanImage).toBeNull();
  else expectClose(Array.from(measured.meanImage?.values ?? []), expected.meanImage);
});

test('the order of the pictures changes no bit', async () => {
  const names = ['rgb', 'grey', 'dark', 'pixel', 'colours'];
  const one = await measureDataset(createDataset(names));
  expect(await measureDataset(createDataset(names.toReversed()))).toEqual(one);
});

test('a mean image of pictures of several sizes is refused with both', async () => {
  await expect(
    measureDataset(
      { ...createDataset(['rgb', 'grey']), pictureSize: { width: 23, height: 16 } },
      { meanImage: true },
    ),
  ).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/23 × 16 .* 13 × 17/),
  });
});

test('nothing to measure is an error', async () => {
  await expect(measureDataset(createDataset([]))).rejects.toMatchObject({
    code: 'INVALID_DATASET',
  });
});
