import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '@alexnet/data/node';
import { afterAll, expect, test } from 'vitest';
import { describeClasses } from './class-notes.ts';

const root = mkdtempSync(join(tmpdir(), 'alexnet-classes-'));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
/** A data set of so many files of each class; nothing reads them. */
async function openFolder(counts: Readonly<Record<string, number>>) {
  const folder = join(root, String(made++));
  for (const [label, count] of Object.entries(counts)) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let i = 0; i < count; i++) writeFileSync(join(folder, label, `${i}.jpg`), '');
  }
  return (await openDataset(folder)).training;
}

const describeCounts = async (
  training: Readonly<Record<string, number>>,
  validation: Readonly<Record<string, number>> | null,
  classWeights: readonly number[] | null = null,
) =>
  describeClasses(
    {
      training: await openFolder(training),
      validation: validation && (await openFolder(validation)),
      test: null,
    },
    { classWeights },
  );

test('classes with pictures enough, in training and validation, need no word', async () => {
  expect(await describeCounts({ cat: 20, dog: 12 }, { cat: 2, dog: 1 })).toEqual([]);
  expect(await describeCounts({ cat: 20, dog: 12 }, null)).toEqual([]);
});

test('small classes, unequal ones and those that nothing validates are told', async () => {
  expect(await describeCounts({ big: 55, small: 1 }, { big: 6, other: 1 })).toEqual([
    'note: 1 class has fewer than 10 pictures. ("small")',
    'note: The largest class has 55 pictures, the smallest 1: "balanced" class weights make up for it. ("big", "small")',
    'note: 1 class has no picture to validate on. ("small")',
  ]);
});

test('class weights make up for unequal classes', async () => {
  expect(await describeCounts({ big: 200, small: 15 }, null, [0.5, 7])).toEqual([]);
});

test('of many classes, three are named', async () => {
  const few = { a: 1, b: 2, c: 3, d: 4 };
  expect(await describeCounts(few, null)).toEqual([
    'note: 4 classes have fewer than 10 pictures. ("a", "b", "c", …)',
  ]);
});
