import { createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { AUGMENTATIONS } from '../augment/augmentation.ts';
import { createPreprocessor } from '../preprocess/preprocess.ts';
import { writeTenCrops } from '../preprocess/ten-crops.ts';
import type { BatchOptions } from './batch.ts';
import { countBatches, readBatches } from './batches.ts';
import { BASE, collect, createFake, indicesOf, SIZE } from './test-batches.ts';

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
    const batches = readBatches(createFake().dataset, BASE);
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
    preprocessing: { ...BASE.preprocessing, crop: { width: 5, height: 5 } },
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
  const preprocessing = { ...BASE.preprocessing, crop: { width: 4, height: 3 } } as const;

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

test.each([
  { batchSize: 0 },
  { batchSize: 1.5 },
  { startBatch: -1 },
  { prefetch: -1 },
  { parallel: 0 },
  { preprocessing: { ...BASE.preprocessing, crop: null } },
  { preprocessing: { ...BASE.preprocessing, std: [0] } },
] as Partial<BatchOptions>[])('refuses %o at once', (change) => {
  expect(() => readBatches(createFake().dataset, { ...BASE, ...change })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
