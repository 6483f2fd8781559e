import { AlexNetError, createRandom } from '@alexnet/core';
import { describe, expect, test, vi } from 'vitest';
import { AUGMENTATIONS } from '../augment/augmentation.ts';
import { createBadPictureLog } from '../dataset/bad-pictures.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { createPreprocessor } from '../preprocess/preprocess.ts';
import { writeTenCrops } from '../preprocess/ten-crops.ts';
import type { Batch, BatchOptions } from './batch.ts';
import { countBatches, readBatches } from './batches.ts';

const SIZE = 6;

interface FakeOptions {
  readonly length?: number;
  readonly bad?: readonly number[];
  /** How long a picture takes, in ticks of the event loop. */
  readonly delay?: (index: number) => number;
}

/** Grey pictures; the first pixel is the index. */
function createFake({ length = 20, bad = [], delay = () => 0 }: FakeOptions = {}) {
  const state = { running: 0, mostRunning: 0, started: [] as number[] };
  const dataset: Dataset = {
    name: 'fake',
    labels: ['even', 'odd'],
    length,
    labelOf: (index) => index % 2,
    nameOf: (index) => `picture ${index}`,
    keyOf: String,
    readPicture: async (index) => {
      state.started.push(index);
      state.running += 1;
      state.mostRunning = Math.max(state.mostRunning, state.running);
      for (let tick = 0; tick < delay(index); tick++) await new Promise((go) => setImmediate(go));
      state.running -= 1;
      if (bad.includes(index)) {
        throw new AlexNetError('INVALID_PICTURE', { message: `picture ${index} is bad` });
      }
      const random = createRandom(index);
      const pixels = Uint8Array.from({ length: SIZE * SIZE }, () => random.integer(256));
      pixels[0] = index;
      return { width: SIZE, height: SIZE, channels: 1, pixels };
    },
  };
  return { dataset, state };
}

const base = {
  preprocessing: {
    resize: { mode: 'none' },
    crop: { width: SIZE, height: SIZE },
    channels: 'grey',
    scale: 1,
    mean: [0],
    std: [1],
  },
  batchSize: 8,
  random: createRandom(5).split('epoch', 0),
  shuffle: true,
} as const satisfies BatchOptions;

async function collect(dataset: Dataset, options: Partial<BatchOptions> = {}): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of readBatches(dataset, { ...base, ...options })) batches.push(batch);
  return batches;
}

const indicesOf = (batches: readonly Batch[]) => batches.flatMap(({ indices }) => [...indices]);

describe('a pass', () => {
  test('gives each picture once, with its label, in the rows of its batch', async () => {
    const batches = await collect(createFake().dataset);
    expect(batches.map(({ count }) => count)).toEqual([8, 8, 4]);
    expect(indicesOf(batches).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    for (const { images, labels, indices, count } of batches) {
      expect(images).toHaveLength(8 * SIZE * SIZE);
      for (let row = 0; row < count; row++) {
        expect(images[row * SIZE * SIZE]).toBe(indices[row]);
        expect(labels[row]).toBe((indices[row] ?? 0) % 2);
      }
      expect(images.subarray(count * SIZE * SIZE).every((value) => value === 0)).toBe(true);
    }
  });

  test('keeps the order unless it is to shuffle', async () => {
    const { dataset } = createFake();
    const inOrder = Array.from({ length: 20 }, (_, i) => i);
    expect(indicesOf(await collect(dataset, { shuffle: false }))).toEqual(inOrder);
    expect(indicesOf(await collect(dataset))).not.toEqual(inOrder);
  });

  test('over nothing gives nothing', async () => {
    expect(await collect(createFake({ length: 0 }).dataset)).toEqual([]);
  });

  test('can be made again from the same object', async () => {
    const batches = readBatches(createFake().dataset, base);
    const passes: number[][] = [[], []];
    for (const pass of passes) for await (const { indices } of batches) pass.push(...indices);
    expect(passes[0]).toEqual(passes[1]);
  });

  test.each([
    [0, 8, 0],
    [1, 8, 1],
    [8, 8, 1],
    [9, 8, 2],
  ])('over %d pictures, %d a batch, has %d batches', (length, batchSize, expected) => {
    expect(countBatches(length, batchSize)).toBe(expected);
  });
});

describe('the same bits', () => {
  const standard = {
    augmentation: AUGMENTATIONS.standard,
    preprocessing: { ...base.preprocessing, crop: { width: 5, height: 5 } },
  } as const;

  test('come whatever the timing, the prefetching and the parallelism', async () => {
    const expected = await collect(createFake().dataset, standard);
    const slow = createFake({ delay: (index) => (index * 7) % 5 });
    expect(await collect(slow.dataset, { ...standard, prefetch: 0, parallel: 1 })).toEqual(
      expected,
    );
    expect(await collect(slow.dataset, { ...standard, prefetch: 5, parallel: 20 })).toEqual(
      expected,
    );
  });

  test('come when reading begins in the middle', async () => {
    const expected = await collect(createFake({ bad: [3, 4] }).dataset, standard);
    const fake = createFake({ bad: [3, 4] });
    expect(await collect(fake.dataset, { ...standard, startBatch: 1 })).toEqual(expected.slice(1));
    expect(new Set(fake.state.started).size).toBe(12);
    expect(await collect(fake.dataset, { ...standard, startBatch: 3 })).toEqual([]);
  });

  test('do not come from another epoch', async () => {
    const { dataset } = createFake();
    const other = { ...standard, random: createRandom(5).split('epoch', 1) };
    expect(await collect(dataset, other)).not.toEqual(await collect(dataset, standard));
  });

  test('come from the random numbers given, which are left as they were', async () => {
    const random = createRandom(9);
    const untouched = createRandom(9).uint32();
    await collect(createFake().dataset, { ...standard, random });
    expect(random.uint32()).toBe(untouched);
  });
});

describe('ten crops', () => {
  const preprocessing = { ...base.preprocessing, crop: { width: 4, height: 3 } } as const;

  test('of each picture stand in its row, as writeTenCrops has them', async () => {
    const { dataset } = createFake({ bad: [2] });
    const batches = await collect(dataset, { preprocessing, crops: 10 });
    expect(batches.map(({ count }) => count).reduce((a, b) => a + b)).toBe(19);
    const preprocessor = createPreprocessor(preprocessing);
    for (const { images, indices, count } of batches) {
      expect(images).toHaveLength(8 * 10 * 12);
      for (let row = 0; row < count; row++) {
        const expected = new Float32Array(120);
        const picture = await dataset.readPicture(indices[row] ?? -1);
        writeTenCrops(picture, preprocessor, { out: expected });
        expect(images.subarray(row * 120, (row + 1) * 120)).toEqual(expected);
      }
    }
  });

  test('are not augmented', async () => {
    const { dataset } = createFake();
    await expect(
      collect(dataset, { preprocessing, crops: 10, augmentation: AUGMENTATIONS.mirror }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('ahead of their use', () => {
  test('the next batches are read while one is used, and no more of them', async () => {
    const { dataset, state } = createFake({ length: 80 });
    const iterator = readBatches(dataset, { ...base, prefetch: 2 })[Symbol.asyncIterator]();
    await iterator.next();
    await vi.waitFor(() => expect(state.started).toHaveLength(24));
    await new Promise((go) => setTimeout(go, 5));
    expect(state.started).toHaveLength(24);
    await iterator.next();
    await vi.waitFor(() => expect(state.started).toHaveLength(32));
    await iterator.return?.();
  });

  test('so many pictures are decoded at a time, and no more', async () => {
    const { dataset, state } = createFake({ length: 40, delay: () => 2 });
    await collect(dataset, { parallel: 3 });
    expect(state.mostRunning).toBe(3);
  });

  test('leaving the loop ends the reading before it returns', async () => {
    const { dataset, state } = createFake({ length: 80, delay: () => 3 });
    for await (const batch of readBatches(dataset, { ...base, parallel: 4 })) {
      expect(batch.count).toBe(8);
      break;
    }
    expect(state.running).toBe(0);
    const { length } = state.started;
    await new Promise((go) => setTimeout(go, 5));
    expect(state.started).toHaveLength(length);
    expect(length).toBeLessThan(20);
  });

  test('a signal ends it', async () => {
    const { dataset, state } = createFake({ length: 80, delay: () => 1 });
    const controller = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const batch of readBatches(dataset, { ...base, signal: controller.signal })) {
        seen.push(batch.count);
        controller.abort('enough');
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(seen).toEqual([8]);
    expect(state.running).toBe(0);
  });

  test('a signal given too late lets nothing begin', async () => {
    const { dataset, state } = createFake();
    await expect(collect(dataset, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(state.started).toEqual([]);
  });
});

describe('pictures that cannot be read', () => {
  test('are left out of their batch, named and counted', async () => {
    const { dataset } = createFake({ bad: [1, 6] });
    const badPictures = createBadPictureLog(dataset);
    const batches = await collect(dataset, { shuffle: false, badPictures });
    expect(batches.map(({ count }) => count)).toEqual([6, 8, 4]);
    const [first] = batches;
    expect([...(first?.indices ?? [])]).toEqual([0, 2, 3, 4, 5, 7]);
    expect([...(first?.labels ?? [])]).toEqual([0, 0, 1, 0, 1, 1]);
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((row) => first?.images[row * 36])).toEqual([
      0, 2, 3, 4, 5, 7, 0, 0,
    ]);
    expect(first?.images.subarray(6 * 36).every((value) => value === 0)).toBe(true);
    expect(badPictures.count).toBe(2);
    expect(badPictures.names).toEqual(['picture 1', 'picture 6']);
    expect(badPictures.reasons.get('picture 6')).toBe('picture 6 is bad');
  });

  test('are counted once in several epochs', async () => {
    const { dataset } = createFake({ bad: [1, 6] });
    const badPictures = createBadPictureLog(dataset);
    await collect(dataset, { badPictures });
    await collect(dataset, { badPictures, random: createRandom(1) });
    expect(badPictures.count).toBe(2);
  });

  test('stop the reading when they are more than a tenth', async () => {
    const { dataset, state } = createFake({ bad: [1, 6, 11] });
    const reading = collect(dataset, { shuffle: false });
    await expect(reading).rejects.toMatchObject({
      code: 'INVALID_DATASET',
      message:
        '3 of the 20 pictures of "fake" cannot be read, more than 10 %: picture 1, picture 6, picture 11.',
      hint: 'Remove or replace them. The last one: picture 11 is bad',
    });
    expect(state.running).toBe(0);
  });

  test('include pictures of a source that breaks its word', async () => {
    const { dataset } = createFake();
    const broken: Dataset = {
      ...dataset,
      readPicture: async (index) => {
        const picture = await dataset.readPicture(index);
        return index === 2 ? { ...picture, pixels: new Uint8Array(3) } : picture;
      },
    };
    const badPictures = createBadPictureLog(broken);
    await collect(broken, { badPictures });
    expect(badPictures.names).toEqual(['picture 2']);
  });
});

test('an error that is not one picture’s ends the reading', async () => {
  const { dataset, state } = createFake({ delay: () => 1 });
  const failing: Dataset = {
    ...dataset,
    readPicture: (index) => {
      if (index === 12) throw new AlexNetError('MISSING_DEPENDENCY', { message: 'no decoder' });
      return dataset.readPicture(index);
    },
  };
  const seen: number[] = [];
  const reading = (async () => {
    for await (const batch of readBatches(failing, { ...base, shuffle: false }))
      seen.push(batch.count);
  })();
  await expect(reading).rejects.toThrow('no decoder');
  expect(seen).toEqual([8]);
  expect(state.running).toBe(0);
});

test.each([
  { batchSize: 0 },
  { batchSize: 1.5 },
  { startBatch: -1 },
  { prefetch: -1 },
  { parallel: 0 },
  { preprocessing: { ...base.preprocessing, crop: null } },
  { preprocessing: { ...base.preprocessing, std: [0] } },
] as Partial<BatchOptions>[])('refuses %o at once', (change) => {
  expect(() => readBatches(createFake().dataset, { ...base, ...change })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
