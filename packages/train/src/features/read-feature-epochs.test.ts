import { expect, test } from 'vitest';
import type { FeatureSet } from './features.ts';
import { readFeatureEpochs } from './read-feature-epochs.ts';

const OPTIONS = { batchSize: 2, size: 1, seed: 0, firstEpoch: 1, startBatch: 0, endEpoch: 4 };

/** Five pictures of two variants, whose feature is ten times the picture and the variant. */
function createSet(): FeatureSet & { readonly read: FeatureSet['read']; reads: number } {
  const set = {
    length: 5,
    variants: 2,
    reads: 0,
    labelOf: (index: number) => index,
    has: () => true,
    read: async (index: number, variant: number, out: Float32Array) => {
      set.reads += 1;
      out[0] = 10 * index + variant;
    },
  };
  return set;
}

test('each epoch has every picture once, in a variant of its own', async () => {
  const values: number[][] = [];
  for await (const { images, count } of readFeatureEpochs(createSet(), OPTIONS)) {
    values.push([...images.subarray(0, count)]);
  }
  expect(values.map(({ length }) => length)).toEqual([2, 2, 1, 2, 2, 1, 2, 2, 1]);
  for (const [epoch, variant] of [0, 1, 0].entries()) {
    const ofEpoch = values.slice(3 * epoch, 3 * epoch + 3).flat();
    expect(ofEpoch.sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40].map((v) => v + variant));
  }
});

test('a batch is read while the one before is in use, over the end of an epoch too, and none after the last', async () => {
  const set = createSet();
  const seen: number[] = [];
  for await (const _batch of readFeatureEpochs(set, { ...OPTIONS, startBatch: 1, endEpoch: 3 })) {
    // What is read ahead has begun, and these reads do not wait.
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(set.reads);
  }
  // 2 and 1 of the first epoch, then 2, 2 and 1.
  expect(seen).toEqual([3, 5, 7, 8, 8]);
});

test('a failure comes when its turn does', async () => {
  const set = createSet();
  const failing: FeatureSet = {
    ...set,
    read: async (index, variant, out) => {
      if (variant === 1) throw new Error('damaged');
      await set.read(index, variant, out);
    },
  };
  let batches = 0;
  const reading = async () => {
    for await (const _batch of readFeatureEpochs(failing, OPTIONS)) batches += 1;
  };
  await expect(reading()).rejects.toThrow('damaged');
  expect(batches).toBe(3);
});

test('pictures without features leave their places to those after them', async () => {
  const some: FeatureSet = { ...createSet(), has: (index) => index !== 1 && index !== 3 };
  const batches = [];
  for await (const { images, indices, labels, count } of readFeatureEpochs(some, {
    ...OPTIONS,
    batchSize: 5,
    endEpoch: 2,
  })) {
    batches.push({ images: [...images], indices: [...indices], labels: [...labels], count });
  }
  const [{ images = [], indices = [], labels, count } = {}, ...others] = batches;
  expect(others).toEqual([]);
  expect(count).toBe(3);
  expect(indices.toSorted()).toEqual([0, 2, 4]);
  expect(labels).toEqual(indices);
  expect(images).toEqual([...indices.map((index) => 10 * index), 0, 0]);
});
