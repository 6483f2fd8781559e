import { readFileSync } from 'node:fs';
import {
  createModel,
  decodeMeanImage,
  isMeanImage,
  type Model,
  type Preprocessing,
} from '@alexnet/core';
import type { Dataset, Picture } from '@alexnet/data';
import { expect, test } from 'vitest';
import type { Terminal } from '../terminal/terminal.ts';
import { parseRunConfig } from './run-config.ts';
import { centre } from './training-mean.ts';

const plan = parseRunConfig(
  JSON.parse(
    readFileSync(
      new URL('../../../../tests/golden/older-run/run/config.json', import.meta.url),
      'utf8',
    ),
  ),
);
const model = createModel('mnist', { inputSize: 12, widthMultiplier: 0.05, seed: 1 });
const colours: Preprocessing = {
  resize: { mode: 'none' },
  crop: { height: 2, width: 1 },
  channels: 'BGR',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const grey: Preprocessing = { ...colours, channels: 'grey', mean: [0], std: [1] };

function datasetOf(channels: 1 | 3, pictures: readonly (readonly number[])[]): Dataset {
  return {
    name: 'photos',
    labels: ['all'],
    length: pictures.length,
    labelOf: () => 0,
    nameOf: String,
    keyOf: String,
    readPicture: async (index): Promise<Picture> => {
      const pixels = Uint8Array.from(pictures[index] ?? []);
      return { width: 1, height: 2, channels, pixels };
    },
  };
}

/** Pure red and green, then black and blue: in grey 76 and 150, 0 and 29, as Pillow has it. */
const inColours = datasetOf(3, [
  [255, 0, 0, 0, 255, 0],
  [0, 0, 0, 0, 0, 255],
]);
const inGrey = datasetOf(1, [
  [10, 20],
  [30, 60],
]);

async function centreOn(mean: string, preprocessing: Preprocessing, training: Dataset) {
  const notes: string[] = [];
  const terminal: Terminal = {
    isInteractive: false,
    columns: 80,
    result: () => {},
    note: (line) => notes.push(line),
    bytes: () => {},
    status: () => {},
  };
  const before: Model = { ...model, metadata: { ...model.metadata, preprocessing } };
  const options = { mean };
  const { config, model: after } = await centre(plan, {
    ...{ model: before, training, options, terminal },
  });
  const { mean: found } = after.metadata.preprocessing;
  expect(config.network.mean).toEqual(found);
  const values = isMeanImage(found) ? [...decodeMeanImage(found, preprocessing)] : found;
  return { values, colours: config.data.colours, notes };
}

test('of every pixel, in the order of the network', async () => {
  const found = await centreOn('image', colours, inColours);
  expect(found.values).toEqual([0, 127.5, 0, 127.5, 127.5, 0]);
  expect(found.colours).toMatchObject({ mean: [0.25, 0.25, 0.25] });
  expect(found.notes).toEqual([
    'pictures  as large as they are, the middle 2×1; BGR in 0–255, less a mean image of 2×1',
  ]);
});

test('of every pixel in grey, for a network that sees grey', async () => {
  const found = await centreOn('image', grey, inColours);
  expect(found.values).toEqual([(76 + 0) / 2, (150 + 29) / 2]);
  expect(found.colours).toBeNull();
});

test('of grey pictures, which a network of colours sees as three equal channels', async () => {
  const { values } = await centreOn('image', colours, inGrey);
  expect(values).toEqual([20, 40, 20, 40, 20, 40]);
  expect((await centreOn('channels', colours, inGrey)).values).toEqual([30, 30, 30]);
});

test('of each channel', async () => {
  expect((await centreOn('channels', colours, inColours)).values).toEqual([63.75, 63.75, 63.75]);
  expect((await centreOn('channels', grey, inColours)).values).toEqual([(76 + 150 + 0 + 29) / 4]);
});

test("of each picture's own input", async () => {
  expect(await centreOn('picture', colours, inColours)).toMatchObject({
    values: 'picture',
    colours: null,
  });
});
