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

test('of pictures that lie in one large buffer, only their own pixels go to a thread', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage');
  const file = new Uint8Array(1e6).fill(90);
  await using renderer = createRenderThreads({ threads: 1 });
  const out = renderer.allocate(588);
  const picture = {
    width: 20,
    height: 20,
    channels: 1,
    pixels: file.subarray(4e5, 4e5 + 400),
  } as const;
  await renderer.render({ picture, preprocessing, variation: null, out });
  const [[jobs] = []] = posted.mock.calls;
  posted.mockRestore();
  expect(jobs).toMatchObject([{ picture: { pixels: new Uint8Array(400).fill(90) } }]);
  expect(jobs[0].picture.pixels.buffer.byteLength).toBe(400);
  expect(out[0]).toBeCloseTo((90 / 255 - 0.5) / 0.2);
});

test('what fails in a thread fails here, by its name, and the thread goes on', async () => {
  await using renderer = createRenderThreads({ threads: 1 });
  const picture = await dataset.readPicture(0);
  const job = (length: number) => ({
    picture,
    preprocessing,
    variation: null,
    out: renderer.allocate(length),
  });
  const outcomes = await Promise.allSettled([renderer.render(job(3)), renderer.render(job(588))]);
  expect(outcomes[0]).toMatchObject({ reason: { code: 'SHAPE_MISMATCH' } });
  expect(outcomes[1]?.status).toBe('fulfilled');
});

test('leaving the loop and disposing leave no thread and no promise behind', async () => {
  const renderer = createRenderThreads({ threads: 2 });
  for await (const { count } of readBatches(dataset, { ...options, renderer })) {
    expect(count).toBeGreaterThan(5);
    break;
  }
  const picture = await dataset.readPicture(0);
  const pending = renderer.render({
    picture,
    preprocessing,
    variation: null,
    out: renderer.allocate(588),
  });
  const outcome = expect(pending).rejects.toMatchObject({ code: 'ABORTED' });
  await renderer.dispose();
  await outcome;
  await expect(
    renderer.render({ picture, preprocessing, variation: null, out: new Float32Array(588) }),
  ).rejects.toMatchObject({ code: 'ABORTED' });
});

test.each([0, -1, 1.5])('%d threads are refused', (threads) => {
  expect(() => createRenderThreads({ threads })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
