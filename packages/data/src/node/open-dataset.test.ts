import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRandom } from '@alexnet/core';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { readBatches } from '../batches/batches.ts';
import { createBadPictureLog } from '../dataset/bad-pictures.ts';
import { openDataset } from './open-dataset.ts';

const root = mkdtempSync(join(tmpdir(), 'alexnet-data-'));
afterAll(() => rmSync(root, { recursive: true }));

/** 27 × 18 pixels. */
const waves = sharp(
  Uint8Array.from({ length: 27 * 18 * 3 }, (_, i) => 127 + 120 * Math.sin(i / 40)),
  { raw: { width: 27, height: 18, channels: 3 } },
);
const jpg = await waves.clone().jpeg().toBuffer();
const png = await waves.clone().png().toBuffer();
const webp = await waves.clone().webp().toBuffer();
let made = 0;

/** A folder with these files. */
function makeFolder(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(root, `set-${made++}`);
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

function idx(shape: readonly number[], values: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.of(0, 0, 8, shape.length, ...sizes, ...values);
}

const failure = (code: string, message: string | RegExp, hint: RegExp = /./) =>
  expect.objectContaining({
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });

describe('a folder of classes', () => {
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
      ignored: ['labels.tsv', 'cat/more', 'cat/notes.txt'],
    });
    const { training } = opened;
    expect(training.labels).toEqual(['cat', 'dog']);
    expect(training.length).toBe(4);
    const indices = [0, 1, 2, 3];
    expect(indices.map((i) => training.keyOf(i))).toEqual([
      'cat/10.WebP',
      'cat/2.png',
      'dog/a.jpeg',
      'dog/b.JPG',
    ]);
    expect(indices.map((i) => training.labelOf(i))).toEqual([0, 0, 1, 1]);
    expect(training.nameOf(3)).toBe(join(path, 'dog', 'b.JPG'));
    expect(path.endsWith(training.name)).toBe(true);
    expect(await training.readPicture(3)).toMatchObject({ width: 27, height: 18, channels: 3 });
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
      /put JPEG, PNG or WebP/,
    ],
    ['with one class', { 'cat/1.jpg': jpg }, /one class only, "cat"/, /at least one other class/],
    [
      'that is flat',
      { 'cat.1.jpg': jpg, 'cat.2.jpg': jpg, 'dog.1.jpg': jpg },
      /has 3 pictures, but no sub-folder/,
      /mkdir cat && mv cat\.\*\.\* cat\/, and so on for dog/,
    ],
    [
      'that is flat and says nothing',
      { 'IMG_1.jpg': jpg },
      /has 1 pictures/,
      /photos\/cat\/1\.jpg/,
    ],
    [
      'of train and val',
      { 'train/cat/1.jpg': jpg, 'val/cat/1.jpg': jpg },
      /have no pictures: "train", "val"/,
      /give .*\/train as the data set/,
    ],
  ])('%s is refused', async (_, files, message, hint) => {
    await expect(openDataset(makeFolder(files))).rejects.toEqual(
      failure('INVALID_DATASET', message, hint),
    );
  });
});

describe('idx files', () => {
  const images = idx([3, 1, 2], [1, 2, 3, 4, 5, 6]);
  const labels = idx([3], [0, 1, 1]);
  const standard = {
    'train-images-idx3-ubyte': images,
    'train-labels-idx1-ubyte': labels,
  };

  test('of a folder, gzipped or not, with the test set', async () => {
    const path = makeFolder({
      'train-images-idx3-ubyte.gz': gzipSync(images),
      'train-labels-idx1-ubyte': labels,
      't10k-images.idx3-ubyte': idx([1, 1, 2], [9, 8]),
      't10k-labels.idx1-ubyte.gz': gzipSync(idx([1], [7])),
      'labels.txt': 'a\nb\nc\nd\ne\nf\ng\nh\n',
      LICENSE: 'MIT',
    });
    const opened = await openDataset(path);
    expect(opened.kind).toBe('idx');
    expect(opened.training).toMatchObject({ length: 3, channels: 1 });
    expect(opened.training.labels).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(opened.test?.labels).toEqual(opened.training.labels);
    expect(opened.test?.labelOf(0)).toBe(7);
    expect((await opened.training.readPicture(2)).pixels).toEqual(Uint8Array.of(5, 6));
  });

  test('by the path of the images', async () => {
    const path = makeFolder({ 'some-images.idx': images, 'some-labels.idx.gz': gzipSync(labels) });
    const { kind, training, test: held } = await openDataset(join(path, 'some-images.idx'));
    expect(kind).toBe('idx');
    expect(held).toBeNull();
    expect(training.labels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(training.nameOf(1)).toBe(`${join(path, 'some-images.idx')}, picture 1`);
  });

  test('with names given', async () => {
    const path = makeFolder({ ...standard, 'labels.txt': 'x\ny' });
    const { training } = await openDataset(path, { labels: ['no', 'yes'] });
    expect(training.labels).toEqual(['no', 'yes']);
  });

  test.each([
    [
      'wrong magic',
      { ...standard, 'train-images-idx3-ubyte': 'hello, world' },
      /begins with \[68 65 6c 6c\]/,
    ],
    [
      'a wrong count',
      { ...standard, 'train-labels-idx1-ubyte': idx([3], [0, 1, 1, 1]) },
      /wrong count: .* 11 bytes with the head, but there are 12/,
    ],
    [
      'cut short',
      { ...standard, 'train-images-idx3-ubyte': images.subarray(0, 20) },
      /cut short: .* 22 bytes with the head, but there are 20/,
    ],
    [
      'counts that differ',
      { ...standard, 'train-labels-idx1-ubyte': idx([2], [0, 1]) },
      /has 3 pictures, but .* has 2 labels/,
    ],
    [
      'one class',
      { ...standard, 'train-labels-idx1-ubyte': idx([3], [4, 4, 4]) },
      /one class only, "4"/,
    ],
    [
      'labels without a name',
      { ...standard, 'labels.txt': 'only one' },
      /has the label 1, but only 1 classes/,
    ],
    [
      'terabytes promised',
      { ...standard, 'train-images-idx3-ubyte': idx([0xffffffff, 1000, 1000], []) },
      /promises 4294967295000016 bytes .* limit is 2147483647/,
    ],
    [
      'terabytes promised in gzip',
      { ...standard, 'train-images-idx3-ubyte': gzipSync(idx([0xffffffff, 1000, 1000], [])) },
      /promises 4294967295000016 bytes/,
    ],
    [
      'more unpacked than promised',
      {
        ...standard,
        'train-images-idx3-ubyte': gzipSync(Buffer.concat([images, Buffer.alloc(9_000_000)])),
      },
      /wrong count: .* 22 bytes/,
    ],
    [
      'a gzip cut short',
      { ...standard, 'train-images-idx3-ubyte': gzipSync(images).subarray(0, 30) },
      /(cut short|damaged)/,
    ],
    [
      'no gzip behind its magic',
      { ...standard, 'train-images-idx3-ubyte': Buffer.of(0x1f, 0x8b, 9, 9, 9, 9) },
      /is a gzip file that is damaged/,
    ],
  ])('of %s are refused', async (_, files, message) => {
    await expect(openDataset(makeFolder(files))).rejects.toEqual(
      failure('INVALID_DATASET', message),
    );
  });

  test.each([
    ['train-labels-idx1-ubyte', { 'train-images-idx3-ubyte': images }],
    ['train-images-idx3-ubyte.gz', { 't10k-images-idx3-ubyte': images }],
  ])('without %s are refused, naming it', async (name, files) => {
    const path = makeFolder(files);
    await expect(openDataset(path)).rejects.toEqual(
      failure('NOT_FOUND', `${join(path, name)} does not exist.`),
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

  test.each([
    ['a picture', 'cat.jpg', jpg, /cat\.jpg is not a data set/, /one sub-folder of pictures/],
    ['an archive', 'photos.tar', 'x', /is an archive/, /tar -xf .*photos\.tar -C photos/],
    ['a zip archive', 'photos.zip', 'PK\x03\x04', /is an archive/, /unzip .*photos\.zip -d photos/],
    ['an idx file without its labels', 'a.idx', idx([1], [1]), /has not "images" in its name/, /./],
  ])('is %s', async (_, name, bytes, message, hint) => {
    const path = makeFolder({ [name]: bytes });
    await expect(openDataset(join(path, name))).rejects.toEqual(
      failure('INVALID_DATASET', message, hint),
    );
  });
});
