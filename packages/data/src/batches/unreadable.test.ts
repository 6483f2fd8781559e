import { AlexNetError, createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { createBadPictureLog } from '../dataset/bad-pictures.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { readBatches } from './batches.ts';
import { BASE, collect, createFake } from './test-batches.ts';

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
    for await (const batch of readBatches(failing, { ...BASE, shuffle: false }))
      seen.push(batch.count);
  })();
  await expect(reading).rejects.toThrow('no decoder');
  expect(seen).toEqual([8]);
  expect(state.running).toBe(0);
});
