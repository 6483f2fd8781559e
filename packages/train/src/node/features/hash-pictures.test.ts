import { createHash } from 'node:crypto';
import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '@alexnet/data';
import { expect, test } from 'vitest';
import { hashPictures } from './hash-pictures.ts';

/** Forty pictures of one size, `null` for one that cannot be read. */
function createPictures(values: Readonly<Record<number, number | null>> = {}): Dataset {
  return {
    name: 'grey',
    labels: ['a'],
    length: 40,
    labelOf: () => 0,
    nameOf: (index) => `${index}.png`,
    keyOf: (index) => `${index}`,
    readPicture: async (index) => {
      const value = values[index] === undefined ? index : values[index];
      if (value === null) throw new AlexNetError('INVALID_PICTURE', { message: 'damaged' });
      return { width: 1, height: 1, channels: 1, pixels: Uint8Array.of(value) };
    },
  };
}

const inFiles = (dataset: Dataset): Dataset => ({
  ...dataset,
  readFile: async (index) => (await dataset.readPicture(index)).pixels,
});

/** As stored pictures and cached ones are, for threads to read. */
const inSharedMemory = (dataset: Dataset): Dataset => ({
  ...dataset,
  readPicture: async (index) => {
    const picture = await dataset.readPicture(index);
    const pixels = new Uint8Array(new SharedArrayBuffer(picture.pixels.length));
    pixels.set(picture.pixels);
    return { ...picture, pixels };
  },
});

async function hash(dataset: Dataset, options = {}): Promise<string> {
  const sum = createHash('sha256');
  await hashPictures(sum, dataset, options);
  return sum.digest('hex');
}

test.each([
  ['pictures', (dataset: Dataset) => dataset],
  ['files', inFiles],
  ['pictures in shared memory', inSharedMemory],
])('another byte of any is another hash: %s', async (_, as) => {
  const same = await hash(as(createPictures()));
  expect(await hash(as(createPictures({ 39: 39 })))).toBe(same);
  expect(await hash(as(createPictures({ 39: 38 })))).not.toBe(same);
  expect(await hash(as(createPictures({ 0: 1, 1: 0 })))).not.toBe(same);
  expect(await hash(as(createPictures({ 17: null })))).not.toBe(same);
});

test('pictures are the same wherever they lie in memory', async () => {
  expect(await hash(inSharedMemory(createPictures()))).toBe(await hash(createPictures()));
});

test('tells how far it is, and stops by a signal', async () => {
  const done: number[] = [];
  await hash(createPictures(), { onProgress: (pictures: number) => done.push(pictures) });
  expect(done).toEqual([16, 32, 40]);
  await expect(hash(createPictures(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ABORTED',
  });
});
