import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@alexnet/core';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { readBatches } from '../batches/batches.ts';
import { createBadPictureLog } from '../dataset/bad-pictures.ts';
import { splitDataset } from '../dataset/split.ts';
import { openDataset } from './open-dataset.ts';
import { createTestFolders } from './test-folders.ts';

const { root, makeFolder, remove } = createTestFolders();
afterAll(remove);

/** 27 × 18 pixels. */
const waves = sharp(
  Uint8Array.from({ length: 27 * 18 * 3 }, (_, i) => 127 + 120 * Math.sin(i / 40)),
  { raw: { width: 27, height: 18, channels: 3 } },
);
const jpg = await waves.clone().jpeg().toBuffer();
const png = await waves.clone().png().toBuffer();
const webp = await waves.clone().webp().toBuffer();

const failure = (code: string, message: string | RegExp, hint: RegExp = /./) =>
  expect.objectContaining({
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });

describe('a folder of classes', () => {
  test('whose names are numbers takes them for places in labels.txt', async () => {
    const path = makeFolder({ '0/a.jpg': jpg, '2/b.jpg': jpg, 'labels.txt': 'cat\ncow\ndog\n' });
    const { training } = await openDataset(path);
    expect(training.labels).toEqual(['cat', 'cow', 'dog']);
    expect([training.labelOf(0), training.labelOf(1)]).toEqual([0, 2]);
  });

  test('says that labels.txt was passed over where it names others', async () => {
    const path = makeFolder({ 'a/a.jpg': jpg, 'b/b.jpg': jpg, 'labels.txt': 'a\nzebra\n' });
    const { training, explanation } = await openDataset(path);
    expect(training.labels).toEqual(['a', 'b']);
    expect(explanation).toContain('labels.txt does not name "b" and was passed over.');
  });

  test('has a class for each sub-folder, sorted', async () => {
    const path = makeFolder({
      'dog/b.JPG': jpg,
      'dog/a.jpeg': jpg,
      'cat/2.png': png,
      'cat/10.WebP': webp,
      'cat/notes.txt': 'x',
      'cat/.hidden.jpg': 'x',
      'cat/more/deep.jpg': jpg,
      'labels.tsv': 'x',
      '.DS_Store': 'x',
      '__MACOSX/x.jpg': 'x',
    });
    const opened = await openDataset(path);
    expect(opened).toMatchObject({
      kind: 'folder',
      test: null,
      validation: null,
      explanation: ['It has 2 sub-folders: each is taken for a class.'],
      ignored: ['cat/notes.txt', 'labels.tsv'],
    });
    const { training } = opened;
    expect(training.labels).toEqual(['cat', 'dog']);
    expect(training.length).toBe(5);
    const indices = [0, 1, 2, 3, 4];
    expect(indices.map((i) => training.keyOf(i))).toEqual([
      'cat/10.WebP',
      'cat/2.png',
      'cat/more/deep.jpg',
      'dog/a.jpeg',
      'dog/b.JPG',
    ]);
    expect(indices.map((i) => training.labelOf(i))).toEqual([0, 0, 0, 1, 1]);
    expect(training.nameOf(4)).toBe(join(path, 'dog', 'b.JPG'));
    expect(path.endsWith(training.name)).toBe(true);
    expect(await training.readPicture(4)).toMatchObject({ width: 27, height: 18, channels: 3 });
    expect(await training.readFile?.(4)).toEqual(new Uint8Array(jpg));
  });

  test('may be made of links', async () => {
    const real = makeFolder({ 'cat/1.jpg': jpg, 'dog/1.jpg': jpg });
    const path = makeFolder({ 'dog/1.jpg': jpg });
    symlinkSync(join(real, 'cat'), join(path, 'cat'));
    symlinkSync(join(real, 'cat/1.jpg'), join(path, 'dog/2.jpg'));
    symlinkSync(join(path, 'dog/loop.jpg'), join(path, 'dog/loop.jpg'));
    const { training } = await openDataset(path);
    expect(training.length).toBe(4);
    expect(await training.readPicture(2)).toMatchObject({ width: 27 });
    await expect(training.readPicture(3)).rejects.toEqual(
      failure('IO', /links go round in circles/),
    );
  });

  test('a link loop of folders is passed over, named', async () => {
    const path = makeFolder({ 'cat/1.jpg': jpg, 'dog/1.jpg': jpg });
    symlinkSync('..', join(path, 'cat/again'));
    symlinkSync(path, join(path, 'dog/whole'));
    const { training, ignored, explanation } = await openDataset(path);
    expect(training.length).toBe(2);
    expect(ignored).toEqual(['cat/again', 'dog/whole']);
    expect(explanation).toContain('Passed over: cat/again is a link to a folder that it lies in.');
  });

  test('pipes and devices are passed over, named, and never opened', async () => {
    const path = makeFolder({ 'cat/1.jpg': jpg, 'dog/1.jpg': jpg });
    execFileSync('mkfifo', [join(path, 'cat/pipe.jpg')]);
    symlinkSync('/dev/zero', join(path, 'dog/zero.jpg'));
    const { training, explanation } = await openDataset(path);
    expect(training.length).toBe(2);
    expect(explanation).toEqual([
      'It has 2 sub-folders: each is taken for a class.',
      'Passed over: cat/pipe.jpg is a pipe.',
      'Passed over: dog/zero.jpg is a device.',
    ]);
  });

  test('is split alike under another name of its root', async () => {
    const files = Object.fromEntries(
      ['cat', 'dog'].flatMap((label) =>
        Array.from({ length: 20 }, (_, i) => [`${label}/${i}.jpg`, jpg]),
      ),
    );
    const held = async (path: string) => {
      const { training } = await openDataset(path);
      const { validation } = splitDataset(training, { validation: 0.2, seed: 1 });
      return Array.from({ length: validation.length }, (_, i) => validation.keyOf(i));
    };
    const one = await held(makeFolder(files));
    expect(one).toHaveLength(8);
    expect(await held(makeFolder(files))).toEqual(one);
  });

  test('may have names in any script', async () => {
    const path = makeFolder({ '猫 "x"/\n1.jpg': jpg, "o'dog/$(1).jpg": jpg });
    const { training } = await openDataset(path);
    expect(training.labels).toEqual(["o'dog", '猫 "x"']);
    expect(training.nameOf(1)).toMatch(/\\x0a1\.jpg$/);
    expect(await training.readPicture(1)).toMatchObject({ width: 27 });
  });

  test('takes its classes in the order of labels', async () => {
    const path = makeFolder({ 'cat/1.jpg': jpg });
    const { training } = await openDataset(path, { labels: ['dog', 'cat', 'bird'] });
    expect(training.labels).toEqual(['dog', 'cat', 'bird']);
    expect(training.labelOf(0)).toBe(1);
    await expect(openDataset(path, { labels: ['dog', 'bird'] })).rejects.toEqual(
      failure('INVALID_DATASET', /classes that are not among the 2 expected: cat\./, /dog, bird/),
    );
  });

  test('gives its bad pictures to the log: text, truncated, one pixel, vanished', async () => {
    const good = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`cat/${i}.jpg`, jpg]));
    const path = makeFolder({
      ...good,
      'dog/cut.jpg': jpg.subarray(0, jpg.length - 100),
      'dog/good.jpg': jpg,
      'dog/text.jpg': 'text',
      'dog/vanished.jpg': jpg,
    });
    const { training } = await openDataset(path);
    rmSync(join(path, 'dog/vanished.jpg'));
    const badPictures = createBadPictureLog(training);
    let count = 0;
    for await (const batch of readBatches(training, {
      preprocessing: {
        resize: { mode: 'none' },
        crop: { width: 8, height: 8 },
        channels: 'RGB',
        scale: 1,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
      batchSize: 16,
      random: createRandom(0),
      shuffle: false,
      badPictures,
    })) {
      count += batch.count;
    }
    expect(count).toBe(41);
    expect(badPictures.names).toEqual(
      ['cut', 'text', 'vanished'].map((name) => join(path, 'dog', `${name}.jpg`)),
    );
    expect([...badPictures.reasons.values()]).toEqual([
      expect.stringMatching(/truncated jpeg/),
      expect.stringMatching(/text file/),
      expect.stringMatching(/does not exist/),
    ]);
  });

  test.each([
    ['that is empty', {}, /is an empty folder/, /one sub-folder of pictures for each class/],
    ['without pictures', { 'a.txt': 'x', 'b.csv': 'x' }, /only 2 other files \(a\.txt, …\)/, /./],
    [
      'with an empty class',
      { 'cat/1.jpg': jpg, 'dog/notes.txt': 'x', 'empty/.keep': '' },
      /2 of the 3 sub-folders of .* have no pictures: "dog", "empty"\./,
      /put pictures there/,
    ],
    ['with one class', { 'cat/1.jpg': jpg }, /one class only, "cat"/, /at least one other class/],
    [
      'that is flat and says nothing',
      { 'IMG_1.jpg': jpg },
      /has 1 pictures, but nothing says their classes/,
      /photos\/cat\/1\.jpg/,
    ],
  ])('%s is refused', async (_, files, message, hint) => {
    await expect(openDataset(makeFolder(files))).rejects.toEqual(
      failure('INVALID_DATASET', message, hint),
    );
  });
});

describe('folders of parts', () => {
  test('are training, validation and test', async () => {
    const path = makeFolder({
      'data/train/cat/1.jpg': jpg,
      'data/train/dog/1.jpg': jpg,
      'data/val/dog/2.jpg': jpg,
      'data/test/3.jpg': jpg,
      'data/more/4.jpg': jpg,
      'README.md': 'x',
    });
    const opened = await openDataset(path);
    expect(opened.kind).toBe('splits');
    expect(opened.training.labels).toEqual(['cat', 'dog']);
    expect(opened.validation).toMatchObject({ labels: ['cat', 'dog'], length: 1 });
    expect(opened.validation?.labelOf(0)).toBe(1);
    expect(opened.test).toBeNull();
    expect(opened.ignored).toEqual(['more', 'test']);
    expect(opened.explanation).toEqual([
      `All of it lies in ${join(path, 'data')}.`,
      'It has the folders train, val, test: each is taken for a part of the data set.',
      'train/: It has 2 sub-folders: each is taken for a class.',
      'val/: It has 1 sub-folders: each is taken for a class.',
      'test/ does not say the classes of its pictures and was passed over.',
    ]);
  });

  test('are refused where validation has a class that training has not', async () => {
    const path = makeFolder({ 'train/a/1.jpg': jpg, 'train/b/1.jpg': jpg, 'valid/c/1.jpg': jpg });
    await expect(openDataset(path)).rejects.toEqual(
      failure('INVALID_DATASET', /classes that are not among the 2 expected: c\./),
    );
  });
});

describe('refused', () => {
  test('is a path to nothing', async () => {
    const path = join(root, 'nothing');
    await expect(openDataset(path)).rejects.toEqual(
      failure('NOT_FOUND', `${path} does not exist.`),
    );
  });

  test('is a picture', async () => {
    const path = makeFolder({ 'cat.jpg': jpg });
    await expect(openDataset(join(path, 'cat.jpg'))).rejects.toEqual(
      failure('INVALID_DATASET', /cat\.jpg is not a data set/, /one sub-folder of pictures/),
    );
  });
});
