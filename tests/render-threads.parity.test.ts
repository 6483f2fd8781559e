import { Worker } from 'node:worker_threads';
import { AlexNetError, createRandom, type Preprocessing } from '@alexnet/core';
import { AUGMENTATIONS, type Batch, type Dataset, readBatches } from '@alexnet/data';
import { createRenderThreads } from '@alexnet/data/node';
import { expect, test, vi } from 'vitest';

const preprocessing: Preprocessing = {
  resize: { mode: 'short-side', size: 16, filter: 'bilinear', antialias: true },
  crop: { width: 14, height: 14 },
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.3, 0.4],
};

/** Pictures of many sizes; one of them cannot be read, one is not what it says. */
const dataset: Dataset = {
  name: 'noise',
  labels: ['all'],
  length: 61,
  labelOf: () => 0,
  nameOf: (index) => `picture ${index}`,
  keyOf: String,
  readPicture: async (index) => {
    if (index === 7) throw new AlexNetError('INVALID_PICTURE', { message: 'picture 7 is torn' });
    const random = createRandom(index);
    const width = 10 + random.integer(40);
    const height = 10 + random.integer(40);
    const length = index === 9 ? 5 : width * height * 3;
    const pixels = Uint8Array.from({ length }, () => random.integer(256));
    return { width, height, channels: 3, pixels };
  },
};

const options = {
  preprocessing,
  batchSize: 8,
  shuffle: true,
  random: createRandom(4),
  augmentation: AUGMENTATIONS.strong,
} as const;

async function collect(threads: number | null): Promise<Batch[]> {
  const batches: Batch[] = [];
  if (threads === null) {
    for await (const batch of readBatches(dataset, options)) batches.push(batch);
    return batches;
  }
  await using renderer = createRenderThreads({ threads });
  for await (const batch of readBatches(dataset, { ...options, renderer })) batches.push(batch);
  return batches;
}

test.each([1, 2, 5])('%d threads give the bits that this thread gives', async (threads) => {
  const expected = await collect(null);
  expect(expected.reduce((sum, { count }) => sum + count, 0)).toBe(59);
  const batches = await collect(threads);
  expect(batches.map(({ images }) => Buffer.from(images.slice().buffer).toString('hex'))).toEqual(
    expected.map(({ images }) => Buffer.from(images.buffer).toString('hex')),
  );
  expect(batches.map(({ indices }) => indices)).toEqual(expected.map(({ indices }) => indices));
});

const settings = {
  rows: 2,
  rowSize: 588,
  preprocessing,
  crops: 1,
  augmentation: null,
  colourComponents: null,
  randomKey: createRandom(0).key,
} as const;

test('of pictures that lie in one large buffer, only their own bytes go to a thread', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage');
  const file = new Uint8Array(1e6).fill(90);
  await using renderer = createRenderThreads({ threads: 1 });
  const batch = renderer.openBatch(settings);
  const part = file.subarray(4e5, 4e5 + 400);
  const picture = { width: 20, height: 20, channels: 1, pixels: part } as const;
  const encoded = { kind: 'jpeg', file: part, limits: {}, shortSide: null } as const;
  await batch.render({ picture, index: 0, row: 0 });
  await batch.render({ picture: encoded, index: 0, row: 1 });
  const requests = posted.mock.calls.map(([request]) => request);
  posted.mockRestore();
  expect(requests).toMatchObject([
    { kind: 'open' },
    { kind: 'render', jobs: [{ picture: { pixels: new Uint8Array(400).fill(90) } }] },
    { kind: 'render', jobs: [{ picture: { file: new Uint8Array(400).fill(90) } }] },
  ]);
  expect(requests[1].jobs[0].picture.pixels.buffer.byteLength).toBe(400);
  expect(requests[2].jobs[0].picture.file.buffer.byteLength).toBe(400);
  expect((await batch.take()).images[0]).toBeCloseTo((90 / 255 - 0.5) / 0.2);
});

test('what fails in a thread fails here, by its name, and the thread goes on', async () => {
  await using renderer = createRenderThreads({ threads: 1 });
  const picture = await dataset.readPicture(0);
  const short = renderer.openBatch({ ...settings, rowSize: 3 });
  const long = renderer.openBatch(settings);
  const outcomes = await Promise.allSettled([
    short.render({ picture, index: 0, row: 0 }),
    long.render({ picture, index: 0, row: 0 }),
  ]);
  expect(outcomes).toMatchObject([{ reason: { code: 'SHAPE_MISMATCH' } }, { value: true }]);
});

test('leaving the loop and disposing leave no thread and no promise behind', async () => {
  const renderer = createRenderThreads({ threads: 2 });
  for await (const { count } of readBatches(dataset, { ...options, renderer })) {
    expect(count).toBeGreaterThan(5);
    break;
  }
  const picture = await dataset.readPicture(0);
  const batch = renderer.openBatch(settings);
  const pending = batch.render({ picture, index: 0, row: 0 });
  const outcome = expect(pending).rejects.toMatchObject({ code: 'ABORTED' });
  await renderer.dispose();
  await outcome;
  await expect(batch.render({ picture, index: 0, row: 1 })).rejects.toMatchObject({
    code: 'ABORTED',
  });
  await expect(batch.take()).rejects.toMatchObject({ code: 'ABORTED' });
});

test('a deferred picture that is not there is left to who reads it', async () => {
  await using renderer = createRenderThreads({ threads: 1 });
  const batch = renderer.openBatch(settings);
  const file = '/nowhere/cat.jpg';
  const picture = { kind: 'jpeg', file, limits: {}, shortSide: null } as const;
  expect(await batch.render({ picture, index: 0, row: 0 })).toBe(false);
  const stored = { kind: 'stored', width: 9, height: 9, channels: 3, path: file } as const;
  const lost = { ...stored, position: 0, crc32: null };
  expect(await batch.render({ picture: lost, index: 0, row: 0 })).toBe(false);
});

test('memory that is used again holds the same bits, and batches that were kept stay as they are', async () => {
  const expected = (await collect(null)).map(({ images }) => images);
  await using renderer = createRenderThreads({ threads: 2 });
  const places = new Set<number>();
  let number = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    number = 0;
    for await (const { images } of readBatches(dataset, { ...options, renderer, reuse: true })) {
      places.add(images.byteOffset);
      expect(images.every((value, i) => Object.is(value, expected[number]?.[i]))).toBe(true);
      number += 1;
    }
  }
  expect(number).toBe(expected.length);
  // 16 batches in the places of those that a thread has under way at a time.
  expect(places.size).toBeLessThanOrEqual(4);
  const kept: Float32Array[] = [];
  for await (const { images } of readBatches(dataset, { ...options, renderer })) kept.push(images);
  expect(kept.every(({ buffer }) => buffer instanceof ArrayBuffer)).toBe(true);
  expect(kept).toEqual(expected);
});

test.each([0, -1, 1.5])('%d threads are refused', (threads) => {
  expect(() => createRenderThreads({ threads })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
