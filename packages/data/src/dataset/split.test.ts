import { expect, test } from 'vitest';
import type { Dataset } from './dataset.ts';
import { splitDataset } from './split.ts';
import { subset } from './subset.ts';

/** Pictures by key; the class is what stands before the slash. */
function datasetOf(keys: readonly string[]): Dataset {
  const labels = [...new Set(keys.map((key) => key.split('/')[0] ?? ''))].sort();
  const at = (index: number) => keys[index] ?? '';
  return {
    name: 'fake',
    labels,
    length: keys.length,
    labelOf: (index) => labels.indexOf(at(index).split('/')[0] ?? ''),
    nameOf: at,
    keyOf: at,
    readPicture: () => Promise.reject(new Error('not read')),
  };
}

const keysOf = (dataset: Dataset) =>
  Array.from({ length: dataset.length }, (_, i) => dataset.keyOf(i));
const cats = Array.from({ length: 200 }, (_, i) => `cat/${i}.jpg`);
const dogs = Array.from({ length: 50 }, (_, i) => `dog/${i}.jpg`);
const all = [...cats, ...dogs];

test('holds back the share of each class', () => {
  const { training, validation } = splitDataset(datasetOf(all), { validation: 0.1, seed: 0 });
  const held = keysOf(validation);
  expect(held.filter((key) => key.startsWith('cat'))).toHaveLength(20);
  expect(held.filter((key) => key.startsWith('dog'))).toHaveLength(5);
  expect([...keysOf(training), ...held].sort()).toEqual([...all].sort());
  expect(training.labels).toEqual(['cat', 'dog']);
});

test('does not depend on the order of the files', () => {
  const turned = all.toReversed().sort((a, b) => a.length - b.length);
  const a = splitDataset(datasetOf(all), { validation: 0.2, seed: 3 });
  const b = splitDataset(datasetOf(turned), { validation: 0.2, seed: 3 });
  expect(keysOf(b.validation).sort()).toEqual(keysOf(a.validation).sort());
});

test('depends on the seed', () => {
  const a = splitDataset(datasetOf(all), { validation: 0.2, seed: 3 });
  const b = splitDataset(datasetOf(all), { validation: 0.2, seed: 4 });
  expect(keysOf(b.validation)).not.toEqual(keysOf(a.validation));
});

test('moves one picture at most when one is added', () => {
  const before = keysOf(splitDataset(datasetOf(all), { validation: 0.2, seed: 3 }).validation);
  const more = datasetOf([...all, 'dog/new.jpg']);
  const after = new Set(keysOf(splitDataset(more, { validation: 0.2, seed: 3 }).validation));
  expect(before.filter((key) => !after.has(key)).length).toBeLessThanOrEqual(1);
});

test('leaves each class on both sides where it can', () => {
  const few = datasetOf(['a/1', 'a/2', 'b/1', 'b/2', 'c/1']);
  const { training, validation } = splitDataset(few, { validation: 0.01, seed: 0 });
  expect(keysOf(validation).map((key) => key[0])).toEqual(['a', 'b']);
  expect(keysOf(training).map((key) => key[0])).toEqual(['a', 'b', 'c']);
});

test.each([0, 1, -0.1, Number.NaN])('refuses a share of %d', (validation) => {
  expect(() => splitDataset(datasetOf(all), { validation, seed: 0 })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});

test('a subset has the pictures asked for, in that order', () => {
  expect(keysOf(subset(datasetOf(all), [3, 1, 249]))).toEqual([
    'cat/3.jpg',
    'cat/1.jpg',
    'dog/49.jpg',
  ]);
});

test.each([250, -1, 0.5])('a subset cannot have index %d', (index) => {
  expect(() => subset(datasetOf(all), [0, index])).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: `"fake" has 250 pictures, so there is no index ${index}.`,
    }),
  );
});
