import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBatches } from '../../batches/batches.ts';
import { openDataset } from '../open-dataset.ts';
import { openShards, verifyShards } from './open-shards.ts';
import { prepareShards } from './prepare-shards.ts';
import type { ShardShape } from './shard-format.ts';
import { batchOptions, createDataset } from './test-shards.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-shards-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SHORT: ShardShape = { kind: 'short-side', size: 16 };
const SQUARE: ShardShape = { kind: 'square', size: 16 };

async function hashFolder(): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  const hashes = await Promise.all(
    names.map(async (name) => [
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ]),
  );
  return Object.fromEntries(hashes);
}

describe('prepared shards', () => {
  test('hold every picture that can be read, with class, key and pixels', async () => {
    const source = createDataset();
    const prepared = await prepareShards({ training: source }, folder, {
      shape: { kind: 'short-side', size: 100 },
      shardPictures: 10,
    });
    expect(prepared).toMatchObject({ pictures: 22, skipped: 1, shards: 3, kept: 0 });
    const { training, validation } = await openShards(folder);
    expect(validation).toBeNull();
    expect(training.length).toBe(22);
    for (let index = 0; index < 22; index++) {
      const from = index < 5 ? index : index + 1;
      expect(training.keyOf(index)).toBe(source.keyOf(from));
      expect(training.labelOf(index)).toBe(source.labelOf(from));
      // Nothing is larger than 100 pixels: all is as it was.
      const { pixels, ...sides } = await training.readPicture(index);
      const { pixels: expected, ...expectedSides } = await source.readPicture(from);
      expect(sides).toEqual(expectedSides);
      expect(Buffer.compare(pixels, expected)).toBe(0);
    }
    expect(await verifyShards(folder)).toEqual([]);
  });

  test('keep the parts of a source apart, and are a kind of data set', async () => {
    const sources = {
      training: createDataset(),
      validation: createDataset({ length: 7, bad: [] }),
      test: createDataset({ length: 4 }),
    };
    await prepareShards(sources, folder, { shape: SQUARE });
    const opened = await openDataset(folder);
    expect(opened).toMatchObject({ kind: 'shards', ignored: [] });
    expect(opened.training).toMatchObject({ length: 22, pictureSize: { width: 16, height: 16 } });
    expect(opened.validation?.length).toBe(7);
    expect(opened.test?.length).toBe(4);
  });

  test('take the order of the classes that is asked for, and no unknown class', async () => {
    await prepareShards({ training: createDataset() }, folder, { shape: SQUARE });
    const { training } = await openDataset(folder, { labels: ['a', 'b', 'c', 'd'] });
    expect([0, 1, 2].map((index) => training.labelOf(index))).toEqual([1, 0, 2]);
    await expect(openDataset(folder, { labels: ['a', 'b'] })).rejects.toMatchObject({
      code: 'INVALID_DATASET',
      message: expect.stringContaining('c'),
    });
  });

  test('are refused a folder that holds something else', async () => {
    await writeFile(join(folder, 'thesis.tex'), 'x');
    await expect(
      prepareShards({ training: createDataset() }, folder, { shape: SQUARE }),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('thesis.tex'),
    });
  });

  test('are not made of a source of which too much cannot be read, wherever in it', async () => {
    const source = createDataset({ length: 20, bad: [0, 10, 15] });
    await expect(
      prepareShards({ training: source }, folder, { shape: SQUARE, shardPictures: 5 }),
    ).rejects.toMatchObject({
      code: 'INVALID_DATASET',
      message: expect.stringContaining('3 of the 20'),
    });
  });

  test.each([0, 1.5])('a size of %s is refused', async (size) => {
    await expect(
      prepareShards({ training: createDataset() }, folder, { shape: { kind: 'square', size } }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('interrupted', () => {
  test('and called again, preparing ends with the same bytes, and keeps what is whole', async () => {
    const options = { shape: SHORT, shardPictures: 5 };
    await prepareShards({ training: createDataset() }, folder, options);
    const expected = await hashFolder();
    await rm(folder, { recursive: true });
    const controller = new AbortController();
    await expect(
      prepareShards({ training: createDataset() }, folder, {
        ...options,
        signal: controller.signal,
        onProgress: (pictures) => pictures >= 12 && controller.abort('enough'),
      }),
    ).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(Object.keys(await hashFolder())).toEqual(Object.keys(expected).slice(1, 5));
    // As a kill leaves it.
    const stale = 'training-00002.pixels.01234567-89ab-cdef-0123-456789abcdef.tmp';
    await writeFile(join(folder, stale), 'half');
    const prepared = await prepareShards({ training: createDataset() }, folder, options);
    expect(prepared).toMatchObject({ shards: 5, kept: 2, skipped: 1 });
    expect(await hashFolder()).toEqual(expected);
  });

  test('what is damaged is made again, and that alone', async () => {
    const options = { shape: SHORT, shardPictures: 5 };
    await prepareShards({ training: createDataset() }, folder, options);
    const expected = await hashFolder();
    await flipByte('training-00001.pixels', 40);
    await rm(join(folder, 'training-00003.json'));
    const prepared = await prepareShards({ training: createDataset() }, folder, options);
    expect(prepared.kept).toBe(3);
    expect(await hashFolder()).toEqual(expected);
  });

  test('another shape makes all of them again', async () => {
    await prepareShards({ training: createDataset() }, folder, { shape: SHORT });
    const again = await prepareShards({ training: createDataset() }, folder, { shape: SQUARE });
    expect(again.kept).toBe(0);
    expect((await openShards(folder)).index.shape).toEqual(SQUARE);
  });
});

async function flipByte(file: string, place: number): Promise<void> {
  const bytes = await readFile(join(folder, file));
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(join(folder, file), bytes);
}

describe('damage', () => {
  beforeEach(async () => {
    await prepareShards({ training: createDataset() }, folder, { shape: SHORT, shardPictures: 10 });
  });

  test('of one byte of pixels is told when the picture is read, with shard and checksums', async () => {
    const { training, index } = await openShards(folder);
    const written = index.parts.training?.[1]?.sha256 ?? 'none';
    await flipByte('training-00001.pixels', 3);
    await expect(training.readPicture(0)).resolves.toBeDefined();
    await expect(training.readPicture(9)).rejects.toMatchObject({
      code: 'INVALID_DATASET',
      message: expect.stringMatching(new RegExp(`training-00001 is damaged.*${written}`)),
    });
    expect(await verifyShards(folder)).toEqual([expect.stringContaining('training-00001')]);
  });

  test('ends the reading of batches: no half batch', async () => {
    await flipByte('training-00002.pixels', 3);
    const { training } = await openShards(folder);
    const reading = async () => {
      for await (const { count } of readBatches(training, batchOptions())) expect(count).toBe(4);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'INVALID_DATASET' });
  });

  test.each([
    ['a table', 'training-00000.json', 'flip'],
    ['pixels that are too short', 'training-00001.pixels', 'cut'],
    ['pixels that are missing', 'training-00001.pixels', 'remove'],
    ['an index that is no JSON', 'shards.json', 'cut'],
  ])('of %s is told when they are opened, with the file', async (_, file, how) => {
    const path = join(folder, file);
    if (how === 'flip') await flipByte(file, 200);
    else if (how === 'cut') await truncate(path, 50);
    else await rm(path);
    await expect(openShards(folder)).rejects.toMatchObject({
      code: how === 'remove' ? 'NOT_FOUND' : 'INVALID_DATASET',
      message: expect.stringContaining(file),
    });
  });

  test('a shard that is called like a path is refused', async () => {
    const path = join(folder, 'shards.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('training-00000', '../../etc/pass'));
    await expect(openShards(folder)).rejects.toMatchObject({ code: 'INVALID_DATASET' });
  });
});
