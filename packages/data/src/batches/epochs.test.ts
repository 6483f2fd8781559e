import { AlexNetError, createRandom } from '@alexnet/core';
import { expect, test, vi } from 'vitest';
import { AUGMENTATIONS } from '../augment/augmentation.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Batch, BatchOptions } from './batch.ts';
import { readBatches } from './batches.ts';
import { readEpochs } from './epochs.ts';
import { BASE, createFake } from './test-batches.ts';

const random = createRandom(5);
const base: BatchOptions = {
  ...BASE,
  preprocessing: { ...BASE.preprocessing, crop: { width: 5, height: 5 } },
  random,
  augmentation: AUGMENTATIONS.standard,
};
const delay = (index: number) => (index * 7) % 5;

async function gather(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

test.each([0, 2, 7])('are epoch by epoch those of readBatches, %d ahead', async (prefetch) => {
  const { dataset } = createFake({ delay, bad: [3] });
  const expected: Batch[] = [];
  for (const epoch of [4, 5, 6]) {
    const startBatch = epoch === 4 ? 1 : 0;
    const pass = { ...base, random: random.split('epoch', epoch), startBatch };
    expected.push(...(await gather(readBatches(dataset, pass))));
  }
  const epochs = { ...base, prefetch, firstEpoch: 4, endEpoch: 7, startBatch: 1 };
  const batches = await gather(readEpochs(dataset, epochs));
  expect(batches).toHaveLength(2 + 3 + 3);
  expect(batches).toEqual(expected);
});

test('the next epoch begins before the last batch of one is done with, and no more of it', async () => {
  const { dataset, state } = createFake({ delay });
  const epochs = { ...base, prefetch: 2, firstEpoch: 0, endEpoch: 9 };
  const iterator = readEpochs(dataset, epochs)[Symbol.asyncIterator]();
  for (let batch = 0; batch < 3; batch++) await iterator.next();
  // The whole epoch, and two batches of eight.
  await vi.waitFor(() => expect(state.started).toHaveLength(20 + 16));
  await new Promise((go) => setTimeout(go, 5));
  expect(state.started).toHaveLength(20 + 16);
  await iterator.return?.();
  expect(state.running).toBe(0);
});

test('an error in what is read ahead is told when its batch comes', async () => {
  const { dataset, state } = createFake({ delay });
  const failing: Dataset = {
    ...dataset,
    readPicture: async (index) => {
      if (state.started.length >= 20)
        throw new AlexNetError('MISSING_DEPENDENCY', { message: 'gone' });
      return dataset.readPicture(index);
    },
  };
  const seen: number[] = [];
  const reading = (async () => {
    const epochs = { ...base, prefetch: 9, firstEpoch: 0, endEpoch: 4 };
    for await (const { count } of readEpochs(failing, epochs)) seen.push(count);
  })();
  await expect(reading).rejects.toThrow('gone');
  expect(seen).toEqual([8, 8, 4]);
  expect(state.running).toBe(0);
});

test('leaving at the end of an epoch ends what was begun of the next', async () => {
  const { dataset, state } = createFake({ delay });
  let count = 0;
  for await (const batch of readEpochs(dataset, { ...base, firstEpoch: 1, endEpoch: 5 })) {
    count += batch.count;
    if (count === 20) break;
  }
  expect(state.running).toBe(0);
  const { length } = state.started;
  await new Promise((go) => setTimeout(go, 5));
  expect(state.started).toHaveLength(length);
});

test('no epochs are no batches', async () => {
  const { dataset } = createFake({ delay });
  expect(await gather(readEpochs(dataset, { ...base, firstEpoch: 3, endEpoch: 3 }))).toEqual([]);
});

test.each([
  { firstEpoch: -1, endEpoch: 2 },
  { firstEpoch: 0, endEpoch: Number.POSITIVE_INFINITY },
])('refuses %j at once', (epochs) => {
  expect(() => readEpochs(createFake().dataset, { ...base, ...epochs })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
