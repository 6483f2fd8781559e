import { basename } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openDataset } from '../open-dataset.ts';
import { createTestFolders } from '../test-folders.ts';

const { makeFolder, remove } = createTestFolders();
afterAll(remove);

describe('a flat folder', () => {
  test('may be all that a place has, as in archives', async () => {
    const path = makeFolder({
      'train/cat.1.jpg': 'x',
      'train/cat.2.jpg': 'x',
      'train/dog.1.jpg': 'x',
    });
    const { kind, training, explanation } = await openDataset(path);
    expect(kind).toBe('flat');
    expect(training.labels).toEqual(['cat', 'dog']);
    expect(explanation[0]).toBe(`All of it lies in ${path}/train.`);
    const single = makeFolder({ 'cat/cat.1.jpg': 'x', 'cat/cat.2.jpg': 'x' });
    await expect(openDataset(single)).rejects.toThrow(/one class only, "cat"/);
  });

  test("is half of a contest's: test1/ has no classes", async () => {
    const path = makeFolder({
      'train/cat.1.jpg': 'x',
      'train/cat.2.jpg': 'x',
      'train/dog.1.jpg': 'x',
      'test1/1.jpg': 'x',
      'test1/2.jpg': 'x',
    });
    const { kind, training, test: tested, ignored } = await openDataset(path);
    expect(training.name).toBe(basename(path));
    expect([kind, training.labels, tested, ignored]).toEqual([
      'splits',
      ['cat', 'dog'],
      null,
      ['test1'],
    ]);
  });

  test.each([
    ['dots', ['cat.1.jpg', 'cat.20.jpg', 'dog.1.jpg'], ['cat', 'dog']],
    ['underlines in the class', ['a_b_1.jpg', 'a_b_2.png', 'c_3.jpg'], ['a_b', 'c']],
    ['brackets', ['猫 (1).jpg', '猫 (2).jpg', '犬 (1).jpg'], ['犬', '猫']],
    ['the number first', ['1_frog.png', '2_frog.png', '3_ship.png'], ['frog', 'ship']],
    [
      'WordNet ids',
      ['n01440764_tench.JPEG', 'n01443537_7.JPEG'],
      ['tench, Tinca tinca', 'goldfish, Carassius auratus'],
    ],
  ])('with %s in its names has their classes', async (_, names, labels) => {
    const path = makeFolder({
      ...Object.fromEntries(names.map((name) => [name, 'x'])),
      'a.csv': 'x',
    });
    const { kind, training, ignored } = await openDataset(path);
    expect(kind).toBe('flat');
    expect(training.labels).toEqual(labels);
    expect(training.length).toBe(names.length);
    expect(ignored).toEqual(['a.csv']);
  });

  test('goes by a pattern that is given', async () => {
    const path = makeFolder({ 'x/1-cat-a.jpg': 'x', 'x/2-dog-a.jpg': 'x', 'x/odd.jpg': 'x' });
    const { kind, training, ignored } = await openDataset(path, { classPattern: '-(.*)-a' });
    expect(kind).toBe('flat');
    expect(training.labels).toEqual(['cat', 'dog']);
    expect(ignored).toEqual(['x/odd.jpg']);
  });

  test.each(['(', 'cat', '(?:cat)'])('refuses the pattern %s', async (classPattern) => {
    const path = makeFolder({ 'cat.jpg': 'x' });
    await expect(openDataset(path, { classPattern })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
