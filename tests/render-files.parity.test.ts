import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Preprocessing } from '@alexnet/core';
import {
  AUGMENTATIONS,
  type Batch,
  type BatchOptions,
  cachePictures,
  createBadPictureLog,
  type Dataset,
  readBatches,
} from '@alexnet/data';
import { createRenderThreads, openDataset, openShards, prepareShards } from '@alexnet/data/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEncoded, readGoldenCases } from './golden/pictures/read-pictures.ts';

// Pictures that a thread reads and decodes are those that Pillow sees: without threads they are held to it by
// preprocess.parity.test.ts, and here threads are held to that.

const folder = mkdtempSync(join(tmpdir(), 'alexnet-render-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const golden = readGoldenCases().decoded.map(({ file }) => file);

const preprocessing: Preprocessing = {
  resize: { mode: 'short-side', size: 14, filter: 'bilinear', antialias: true },
  crop: { width: 12, height: 12 },
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** A JPEG's segments and no picture, half a picture, and a picture with a hole. */
function makeDamaged(): void {
  const whole = readEncoded(golden.find((file) => /\.jpe?g$/.test(file)) ?? '');
  writeFileSync(join(folder, 'pictures', 'damaged', '900.jpg'), whole.subarray(0, 60));
  writeFileSync(
    join(folder, 'pictures', 'damaged', '901.jpg'),
    whole.subarray(0, whole.length >> 1),
  );
  const holed = whole.slice();
  holed.fill(0xff, whole.length - 40, whole.length - 20);
  writeFileSync(join(folder, 'pictures', 'damaged', '902.jpg'), holed);
  writeFileSync(join(folder, 'pictures', 'damaged', '903.jpg'), '');
}

let dataset: Dataset;
beforeAll(async () => {
  for (const name of ['whole', 'damaged']) {
    mkdirSync(join(folder, 'pictures', name), { recursive: true });
  }
  for (const [number, file] of golden.entries()) {
    const ending = file.slice(file.lastIndexOf('.'));
    writeFileSync(join(folder, 'pictures', 'whole', `${number}${ending}`), readEncoded(file));
  }
  makeDamaged();
  dataset = (await openDataset(join(folder, 'pictures'))).training;
});

/** libvips mixes up what it has against pictures that it decodes at the same time. */
function withoutDecoder(reason: string): string {
  return reason.replace(/ \(the decoder says: .*\)/, '');
}

async function collect(
  pictures: Dataset,
  augmentation: BatchOptions['augmentation'] | undefined,
  renderer?: BatchOptions['renderer'],
) {
  const batches: Batch[] = [];
  const badPictures = createBadPictureLog(pictures, { maxShare: 1 });
  for await (const batch of readBatches(pictures, {
    preprocessing,
    batchSize: 16,
    shuffle: true,
    random: createRandom(3),
    badPictures,
    ...(augmentation && { augmentation }),
    ...(renderer && { renderer }),
  })) {
    batches.push(batch);
  }
  return {
    images: batches.map(({ images }) => Buffer.from(images.buffer).toString('base64')),
    indices: batches.flatMap(({ indices }) => [...indices]),
    bad: new Map(
      [...badPictures.reasons]
        .map(([name, reason]) => [name, withoutDecoder(reason)] as const)
        .sort(),
    ),
  };
}

test.each([
  ['as they are', undefined],
  ['in random parts', AUGMENTATIONS.standard],
  ['with everything', AUGMENTATIONS.strong],
] as const)(
  'every picture %s is the same from threads, and what is bad has the same reason',
  async (_, augmentation) => {
    const expected = await collect(dataset, augmentation);
    expect(dataset.length).toBe(golden.length + 4);
    expect(expected.bad.size).toBeGreaterThanOrEqual(3);
    await using renderer = createRenderThreads({ threads: 2 });
    expect(await collect(dataset, augmentation, renderer)).toEqual(expected);
  },
);

test('JPEGs that are shrunk on load are the same from threads', async () => {
  const { training } = await openDataset(join(folder, 'pictures'), { shrinkOnLoad: 5 });
  const expected = await collect(training, undefined);
  expect(expected.images).not.toEqual((await collect(dataset, undefined)).images);
  await using renderer = createRenderThreads({ threads: 2 });
  expect(await collect(training, undefined, renderer)).toEqual(expected);
});

test('most colour JPEGs are decoded in the thread, and the others left', async () => {
  await using renderer = createRenderThreads({ threads: 1 });
  const batch = renderer.openBatch({
    rows: 1,
    rowSize: 3 * 12 * 12,
    preprocessing,
    crops: 1,
    augmentation: null,
    colourComponents: null,
    randomKey: createRandom(0).key,
  });
  const had: string[] = [];
  const left: string[] = [];
  for (const file of golden) {
    const picture = { kind: 'jpeg', file: readEncoded(file), limits: {}, shortSide: null } as const;
    ((await batch.render({ picture, index: 0, row: 0 })) ? had : left).push(file);
  }
  expect(had.every((file) => file.endsWith('.jpg'))).toBe(true);
  expect(had.length).toBeGreaterThanOrEqual(8);
  expect(left.filter((file) => file.endsWith('.png')).length).toBeGreaterThan(5);
  const limits = { maxPixels: 10 };
  const file = readEncoded(had[0] ?? '');
  const large = { kind: 'jpeg', file, limits, shortSide: null } as const;
  expect(await batch.render({ picture: large, index: 0, row: 0 })).toBe(false);
});

test('a cache is filled by the threads: the same bits, and nothing is decoded twice', async () => {
  const decoded = { here: 0, there: 0 };
  const counted: Dataset = {
    ...dataset,
    readPicture: (index) => {
      decoded.here += 1;
      return dataset.readPicture(index);
    },
    deferPicture: async (index) => {
      decoded.there += 1;
      return dataset.deferPicture?.(index) ?? dataset.readPicture(index);
    },
  };
  const cache = () => cachePictures(counted, { limitBytes: 2 ** 24, shortSide: 14 });
  const expected = await collect(cache(), AUGMENTATIONS.standard);
  decoded.here = 0;
  await using renderer = createRenderThreads({ threads: 2 });
  const cached = cache();
  expect(await collect(cached, AUGMENTATIONS.standard, renderer)).toEqual(expected);
  expect(decoded.there).toBe(dataset.length);
  expect(decoded.here).toBeLessThan(dataset.length - 8);
  decoded.here = 0;
  decoded.there = 0;
  expect(await collect(cached, AUGMENTATIONS.standard, renderer)).toEqual(expected);
  // Those that cannot be read are tried again.
  expect(decoded.there).toBe(expected.bad.size);
  expect(decoded.here).toBeLessThanOrEqual(expected.bad.size);
});

test('a cache that is full leaves pictures to the threads, at the size that it keeps them at', async () => {
  const small = { ...preprocessing.resize, mode: 'short-side', size: 14 } as const;
  const cache = () => cachePictures(dataset, { limitBytes: 9000, shortSide: small.size });
  const augmentation = AUGMENTATIONS.standard;
  const expected = await collect(cache(), augmentation);
  await using renderer = createRenderThreads({ threads: 2 });
  const cached = cache();
  expect(await collect(cached, augmentation, renderer)).toEqual(expected);
  expect(await collect(cached, augmentation, renderer)).toEqual(expected);
});

test('shards are read where they are rendered: the same bits, and a damaged one is named', async () => {
  const shards = join(folder, 'shards');
  const shape = { kind: 'short-side', size: 14 } as const;
  await prepareShards({ training: dataset }, shards, {
    shape,
    shardPictures: 30,
    badPictures: createBadPictureLog(dataset, { maxShare: 1 }),
  });
  const { training } = await openShards(shards);
  await using renderer = createRenderThreads({ threads: 2 });
  const expected = await collect(training, AUGMENTATIONS.mirror);
  expect(await collect(training, AUGMENTATIONS.mirror, renderer)).toEqual(expected);
  expect(await collect(training, AUGMENTATIONS.mirror, renderer)).toEqual(expected);
  const again = await openShards(shards);
  const pixels = join(shards, 'training-00001.pixels');
  const bytes = readFileSync(pixels);
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  writeFileSync(pixels, bytes);
  await expect(collect(again.training, AUGMENTATIONS.mirror, renderer)).rejects.toMatchObject({
    code: 'INVALID_DATASET',
    message: expect.stringContaining('training-00001'),
  });
});

test.each(['standard', 'mirror'] as const)(
  'of pictures that were found whole, the rows that are used are read: %s',
  async (name) => {
    const shards = join(folder, `shards-${name}`);
    const shape = { kind: 'short-side', size: 20 } as const;
    const badPictures = createBadPictureLog(dataset, { maxShare: 1 });
    await prepareShards({ training: dataset }, shards, { shape, badPictures });
    const { training } = await openShards(shards);
    const augmentation = AUGMENTATIONS[name];
    const expected = await collect(training, augmentation);
    await using renderer = createRenderThreads({ threads: 2 });
    for (let epoch = 0; epoch < 2; epoch++) {
      expect(await collect(training, augmentation, renderer)).toEqual(expected);
    }
    truncateSync(join(shards, 'training-00000.pixels'), 100);
    await expect(collect(training, augmentation, renderer)).rejects.toMatchObject({
      code: 'INVALID_DATASET',
      message: expect.stringContaining('training-00000'),
    });
  },
);
