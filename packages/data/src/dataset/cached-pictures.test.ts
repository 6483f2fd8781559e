import { AlexNetError, createRandom } from '@alexnet/core';
import { expect, test } from 'vitest';
import type { Picture } from '../picture/picture.ts';
import { preprocess } from '../preprocess/preprocess.ts';
import { cachePictures } from './cached-pictures.ts';
import type { Dataset } from './dataset.ts';

function createCounted(width = 6, height = 4) {
  const reads = new Map<number, number>();
  const dataset: Dataset = {
    name: 'counted',
    labels: ['a'],
    length: 4,
    channels: 1,
    pictureSize: { width, height },
    labelOf: () => 0,
    nameOf: String,
    keyOf: String,
    readPicture: async (index) => {
      reads.set(index, (reads.get(index) ?? 0) + 1);
      const random = createRandom(index);
      if (index === 3) throw new AlexNetError('INVALID_PICTURE', { message: '3 is bad' });
      const pixels = Uint8Array.from({ length: width * height }, () => random.integer(256));
      return { width, height, channels: 1, pixels };
    },
  };
  return { dataset, reads };
}

test('reads each picture once', async () => {
  const { dataset, reads } = createCounted();
  const cached = cachePictures(dataset, { limitBytes: 1000 });
  const [a, b] = await Promise.all([cached.readPicture(1), cached.readPicture(1)]);
  expect(await cached.readPicture(1)).toBe(a);
  expect(b).toBe(a);
  expect(reads.get(1)).toBe(1);
});

test('keeps within the limit, and gives the same pictures beyond it', async () => {
  const { dataset, reads } = createCounted();
  const cached = cachePictures(dataset, { limitBytes: 50 });
  const first: Picture[] = [];
  for (const index of [0, 1, 2]) first.push(await cached.readPicture(index));
  const again = await Promise.all([0, 1, 2].map((index) => cached.readPicture(index)));
  expect(again).toEqual(first);
  expect([0, 1, 2].map((index) => reads.get(index))).toEqual([1, 1, 2]);
});

test('keeps what a thread made of a picture, once and within the limit', async () => {
  const { dataset, reads } = createCounted();
  const limits = {};
  const cached = cachePictures(
    {
      ...dataset,
      deferPicture: async () => ({ kind: 'jpeg', file: 'x.jpg', limits, shortSide: null }),
    },
    { limitBytes: 50, shortSide: 32 },
  );
  const wanted = { kind: 'jpeg', file: 'x.jpg', limits, shortSide: 32, wantsPixels: true };
  expect(await cached.deferPicture?.(0)).toEqual(wanted);
  const picture: Picture = { width: 6, height: 4, channels: 1, pixels: new Uint8Array(24) };
  cached.confirmPicture?.(0, picture);
  cached.confirmPicture?.(0, { ...picture, pixels: new Uint8Array(24) });
  expect(await cached.readPicture(0)).toBe(picture);
  expect(await cached.deferPicture?.(0)).toBe(picture);
  for (const index of [1, 2]) cached.confirmPicture?.(index, { ...picture });
  expect(await cached.deferPicture?.(2)).toEqual({ ...wanted, wantsPixels: false });
  expect(reads.size).toBe(0);
});

test('a picture that failed is tried again', async () => {
  const { dataset, reads } = createCounted();
  const cached = cachePictures(dataset, { limitBytes: 1000 });
  await expect(cached.readPicture(3)).rejects.toThrow('3 is bad');
  await expect(cached.readPicture(3)).rejects.toThrow('3 is bad');
  expect(reads.get(3)).toBe(2);
});

test('keeping the short side that the preprocessing wants changes no bit', async () => {
  const { dataset } = createCounted(97, 61);
  const cached = cachePictures(dataset, { limitBytes: 10_000, shortSide: 32 });
  const preprocessing = {
    resize: { mode: 'short-side', size: 32, filter: 'bilinear', antialias: true },
    crop: { width: 28, height: 28 },
    channels: 'grey',
    scale: 1,
    mean: [0],
    std: [1],
  } as const;
  const direct = new Float32Array(784);
  const kept = new Float32Array(784);
  preprocess(await dataset.readPicture(0), preprocessing, direct);
  const picture = await cached.readPicture(0);
  preprocess(picture, preprocessing, kept);
  expect(picture).toMatchObject({ width: 50, height: 32 });
  expect(kept).toEqual(direct);
  expect(cached.pictureSize).toBeUndefined();
});

test('does not enlarge', async () => {
  const cached = cachePictures(createCounted().dataset, { limitBytes: 1000, shortSide: 32 });
  expect(await cached.readPicture(0)).toMatchObject({ width: 6, height: 4 });
});

test('refuses a limit that is none', () => {
  expect(() => cachePictures(createCounted().dataset, { limitBytes: Number.NaN })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
