import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { openDataset } from '../open-dataset.ts';
import { createTestFolders } from '../test-folders.ts';

const { makeFolder, remove } = createTestFolders();
afterAll(remove);

const refusal = (message: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_DATASET',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
  });

function idx(shape: readonly number[], values: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.of(0, 0, 8, shape.length, ...sizes, ...values);
}

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
    await expect(openDataset(makeFolder(files))).rejects.toEqual(refusal(message));
  });

  test.each([
    ['train-labels-idx1-ubyte', { 'train-images-idx3-ubyte': images }],
    ['train-images-idx3-ubyte.gz', { 't10k-images-idx3-ubyte': images }],
  ])('without %s are refused, naming it', async (name, files) => {
    const path = makeFolder(files);
    await expect(openDataset(path)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `${join(path, name)} does not exist.`,
    });
  });

  test('of another name than images have are refused', async () => {
    const path = makeFolder({ 'a.idx': idx([1], [1]) });
    await expect(openDataset(join(path, 'a.idx'))).rejects.toEqual(
      refusal(/has not "images" in its name/),
    );
  });
});

describe("CIFAR's binary files", () => {
  /** A picture whose red, green and blue are these everywhere, but for its first pixel. */
  const record = (labels: readonly number[], colours: readonly number[]) => {
    const planes = colours.map((colour) =>
      new Uint8Array(1024).fill(colour).fill(colour + 1, 0, 1),
    );
    return Buffer.concat([Buffer.from(labels), ...planes]);
  };

  test('of CIFAR-10 have their classes, training and test pictures', async () => {
    const path = makeFolder({
      'cifar-10-batches-bin/data_batch_1.bin': Buffer.concat([
        record([6], [1, 2, 3]),
        record([9], [4, 5, 6]),
      ]),
      'cifar-10-batches-bin/data_batch_2.bin': record([0], [7, 8, 9]),
      'cifar-10-batches-bin/test_batch.bin': record([3], [0, 0, 0]),
      'cifar-10-batches-bin/batches.meta.txt': 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n',
      'cifar-10-batches-bin/readme.html': '<html>',
    });
    const { kind, training, test: held } = await openDataset(path);
    expect(kind).toBe('cifar');
    expect([0, 1, 2].map((i) => training.labels[training.labelOf(i)])).toEqual(['g', 'j', 'a']);
    expect(held).toMatchObject({ length: 1, channels: 3, pictureSize: { width: 32, height: 32 } });
    const { pixels } = await training.readPicture(2);
    expect([...pixels.subarray(0, 6)]).toEqual([8, 9, 10, 7, 8, 9]);
    expect(pixels).toHaveLength(3072);
    expect(training.nameOf(2)).toMatch(/data_batch_2\.bin, picture 0$/);
  });

  test('of CIFAR-100 have a coarse and a fine label', async () => {
    const path = makeFolder({
      'train.bin': record([19, 99], [1, 2, 3]),
      'test.bin': record([0, 7], [1, 2, 3]),
      'coarse_label_names.txt': Array.from({ length: 20 }, (_, i) => `coarse ${i}`).join('\n'),
    });
    const fine = await openDataset(path);
    expect(fine.training.labels).toHaveLength(100);
    expect(fine.training.labelOf(0)).toBe(99);
    const coarse = await openDataset(path, { cifarLabels: 'coarse' });
    expect(coarse.training.labels[coarse.training.labelOf(0)]).toBe('coarse 19');
    expect(coarse.explanation).toContain('The coarse labels were taken.');
  });

  test.each([
    [
      'cut short',
      record([1], [1, 2, 3]).subarray(0, 3000),
      /has 3000 bytes, which is not a whole number of pictures of 3073 bytes/,
    ],
    [
      'of a label that there is not',
      record([10], [1, 2, 3]),
      /picture 0 has the label 10, but there are 10 classes/,
    ],
  ])('%s are refused', async (_, bytes, message) => {
    await expect(openDataset(makeFolder({ 'data_batch_1.bin': bytes }))).rejects.toEqual(
      refusal(message),
    );
  });
});

describe('a WebDataset', () => {
  /** Packed by the system's tar. */
  const pack = (folder: string, name: string, files: Readonly<Record<string, string>>) => {
    const content = makeFolder(files);
    execFileSync('tar', ['-cf', join(folder, name), '-C', content, '.']);
  };

  test('of several shards: classes in .cls and .json, parts by their names', async () => {
    const path = makeFolder({ 'README.md': 'x' });
    pack(path, 'train-000.tar', {
      '0001.jpg': 'A',
      '0001.cls': '1',
      '0002.jpg': 'B',
      '0002.cls': '0\n',
    });
    pack(path, 'train-001.tar', {
      'x/0003.png': 'C',
      'x/0003.json': '{"label": 1}',
      'lonely.jpg': 'D',
    });
    pack(path, 'val-000.tar', { '0009.jpg': 'E', '0009.seg.png': 'F', '0009.cls': '1' });
    const { kind, training, validation, ignored } = await openDataset(path);
    expect(kind).toBe('webdataset');
    const labels = Array.from({ length: training.length }, (_, i) => training.labelOf(i));
    expect(labels).toEqual([1, 0, 1]);
    expect(training.keyOf(2)).toBe('train-001/x/0003.png');
    expect(Buffer.from((await training.readFile?.(2)) ?? []).toString()).toBe('C');
    expect(training.nameOf(2)).toBe(join(path, 'train-001.tar/x/0003.png'));
    expect(validation).toMatchObject({ length: 1 });
    expect(ignored).toEqual(['train-001/lonely.jpg', 'val-000/0009.seg.png']);
  });

  test('of one shard, with names as classes', async () => {
    const path = makeFolder({});
    pack(path, 'all.tar', {
      '1.jpg': 'A',
      '1.cls': 'cat',
      '2.jpg': 'B',
      '2.json': '{"cls": "__proto__"}',
    });
    const { kind, training } = await openDataset(join(path, 'all.tar'));
    expect(kind).toBe('webdataset');
    expect(training.labels).toEqual(['__proto__', 'cat']);
  });

  test.each([
    ['no JSON', '{', /2\.json is no JSON/],
    ['no class', '{"caption": "x"}', /2\.json says no class: it has none of label, cls/],
  ])('with %s is refused', async (_, json, message) => {
    const path = makeFolder({});
    pack(path, 'all.tar', { '1.jpg': 'A', '1.cls': '1', '2.jpg': 'B', '2.json': json });
    await expect(openDataset(join(path, 'all.tar'))).rejects.toEqual(refusal(message));
  });

  test('a tar for each class, as ImageNet is published, is classes', async () => {
    const path = makeFolder({});
    pack(path, 'n01440764.tar', { 'n01440764_1.JPEG': 'A' });
    pack(path, 'n01443537.tar', { 'n01443537_1.JPEG': 'B', 'n01443537_2.JPEG': 'C' });
    const { kind, training } = await openDataset(path);
    expect(kind).toBe('folder');
    expect(training.labels).toEqual(['tench, Tinca tinca', 'goldfish, Carassius auratus']);
    expect(training.length).toBe(3);
  });
});
