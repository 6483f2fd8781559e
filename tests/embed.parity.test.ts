import {
  createModel,
  createRandom,
  encodeMeanImage,
  type Model,
  type Preprocessing,
} from '@alexnet/core';
import { createPreprocessor, framePicture, type Picture } from '@alexnet/data';
import { decodeModel, type Embedding, encodeModel, exportOnnx, importOnnx } from '@alexnet/export';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { largest } from './ops/compare.ts';

// A file that prepares its pictures itself makes of them what packages/data makes, which is Pillow's and torchvision's.

const { graph, ...rest } = createModel('mnist', { widthMultiplier: 0.02, classes: 3, channels: 3 });
const SIZE = 28;

const interpolation = { filter: 'bilinear', antialias: true } as const;
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const plain = {
  resize: { mode: 'short-side', size: 32, ...interpolation },
  crop: { height: SIZE, width: SIZE },
  channels: 'RGB',
  scale: 1 / 255,
  ...imagenet,
} as const;

function meanOf(height: number, width: number) {
  const random = createRandom(height);
  const values = Float32Array.from({ length: 3 * height * width }, () => random.uniform());
  return encodeMeanImage(values, { height, width });
}

/** Every way in which presets prepare pictures. */
const WAYS: Readonly<Record<string, Preprocessing>> = {
  torchvision: plain,
  caffe: {
    ...plain,
    resize: { mode: 'exact', height: 32, width: 32, filter: 'bilinear', antialias: false },
    channels: 'BGR',
    scale: 1,
    mean: [104, 117, 123],
    std: [1, 1, 1],
  },
  'its own mean': { ...plain, channels: 'BGR', scale: 1, mean: 'picture', std: [58, 58, 58] },
  'a mean image of the resized picture': {
    ...plain,
    resize: { mode: 'exact', height: 32, width: 32, filter: 'bilinear', antialias: false },
    channels: 'BGR',
    mean: meanOf(32, 32),
  },
  'a mean image of the square in the middle': { ...plain, mean: meanOf(32, 32) },
  'a mean image of the input': { ...plain, mean: meanOf(SIZE, SIZE) },
  bicubic: { ...plain, resize: { ...plain.resize, filter: 'bicubic' }, scale: 0.017 },
  'exact, not cut': {
    ...plain,
    resize: { mode: 'exact', height: SIZE, width: SIZE, ...interpolation },
    crop: null,
  },
  'cut or padded alone': { ...plain, resize: { mode: 'none' } },
};
const GREY: Preprocessing = { ...plain, channels: 'grey', mean: [0.449], std: [0.226] };

function modelWith(preprocessing: Preprocessing): Model {
  const isGrey = preprocessing.channels === 'grey';
  const base = isGrey
    ? createModel('mnist', { widthMultiplier: 0.02, classes: 3 })
    : { graph, ...rest };
  return { ...base, metadata: { ...base.metadata, preprocessing } };
}

/** Soft waves with noise, as photos have both. */
function makePicture(width: number, height: number): Picture {
  const random = createRandom(width * 1000 + height);
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const wave = 128 + 90 * Math.sin(x * 0.11 * ((i % 3) + 1) + y * 0.07) + 20 * random.normal();
    return Math.max(0, Math.min(255, Math.round(wave)));
  });
  return { width, height, channels: 3, pixels };
}

/** What the file makes of a picture, before the network reads it. */
async function prepare(model: Model, embed: Embedding, picture: Picture): Promise<Float32Array> {
  const proto = decodeModel(exportOnnx(model, { embed }));
  const output = [...proto.graph.output, { name: 'preprocessing' }];
  const bytes = encodeModel({ ...proto, graph: { ...proto.graph, output } });
  const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'] });
  const { width, height, pixels } = picture;
  const image = new OrtTensor('uint8', pixels, [1, height, width, 3]);
  const { preprocessing } = await session.run({ image }, ['preprocessing']);
  await session.release();
  if (preprocessing?.data instanceof Float32Array) return preprocessing.data;
  throw new Error('onnxruntime did not give float32.');
}

function prepareHere(preprocessing: Preprocessing, picture: Picture): Float32Array {
  const channels = preprocessing.channels === 'grey' ? 1 : 3;
  const out = new Float32Array(channels * SIZE * SIZE);
  createPreprocessor(preprocessing).write(picture, out);
  return out;
}

/** Differences in levels of 0–255: each value's, divided by what a level makes. */
function compare(
  actual: Float32Array,
  expected: Float32Array,
  { scale, std }: Preprocessing,
): readonly number[] {
  expect(actual.length).toBe(expected.length);
  const plane = SIZE * SIZE;
  return Array.from(actual, (value, i) => {
    const spread = std[Math.floor(i / plane)] ?? 1;
    return (Math.abs(value - (expected[i] ?? Number.NaN)) * spread) / scale;
  });
}

describe.each(Object.entries({ ...WAYS, grey: GREY }))('%s', (_name, preprocessing) => {
  test('behind the crop: to float rounding', async () => {
    const picture = makePicture(SIZE, SIZE);
    const actual = await prepare(modelWith(preprocessing), 'preprocessing', picture);
    const framed: Preprocessing = { ...preprocessing, resize: { mode: 'none' } };
    const differences = compare(actual, prepareHere(framed, picture), preprocessing);
    // Measured: 0, but 1.2e-5 with the picture's own mean.
    expect(largest(differences)).toBeLessThan(1e-4);
  });

  test.each([
    ['shrunk', 90, 61],
    ['enlarged', 19, 23],
    ['of the very size', 32, 32],
    ['far too wide', 75, 16],
  ])('from any size, %s: at most a level, in few pixels', async (_size, width, height) => {
    const picture = makePicture(width, height);
    const actual = await prepare(modelWith(preprocessing), 'resize', picture);
    const differences = compare(actual, prepareHere(preprocessing, picture), preprocessing);
    expect(largest(differences)).toBeLessThan(preprocessing.mean === 'picture' ? 1.1 : 1.001);
    const off = differences.filter((difference) => difference > 0.5).length;
    // Measured: 4.1 %. Pillow's weights are whole numbers of 2⁻²²: what lies between two levels goes either way.
    expect(off / differences.length).toBeLessThan(0.06);
  });

  test.each(['preprocessing', 'resize'] as const)('with %s comes back as it was', (embed) => {
    const model = modelWith(preprocessing);
    const bytes = exportOnnx(model, { embed });
    const back = importOnnx(bytes);
    expect(back.graph).toMatchObject({ nodes: model.graph.nodes, input: model.graph.input });
    expect(back.metadata).toEqual(model.metadata);
    expect(exportOnnx(back, { embed })).toEqual(bytes);
  });
});

test('a portrait is resized in another order: at most a level off, in more pixels', async () => {
  const preprocessing = WAYS['exact, not cut'] ?? GREY;
  const picture = makePicture(30, 120);
  const actual = await prepare(modelWith(preprocessing), 'resize', picture);
  const differences = compare(actual, prepareHere(preprocessing, picture), preprocessing);
  expect(largest(differences)).toBeLessThan(1.001);
});

describe('a mean image that lies a pixel further here or there, as the width has it', () => {
  const preprocessing: Preprocessing = {
    ...plain,
    resize: { ...plain.resize, size: 30 },
    mean: meanOf(30, 30),
  };

  // 59: the crop begins at 15.5, the square at 14.5; both rounded to even they are 2 apart, for others 1.
  test.each([30, 58, 59, 60, 61, 62, 63])('on pictures that are %d wide', async (width) => {
    const picture = makePicture(width, 30);
    const actual = await prepare(modelWith(preprocessing), 'resize', picture);
    const differences = compare(actual, prepareHere(preprocessing, picture), preprocessing);
    expect(largest(differences)).toBeLessThan(1e-4);
  });

  test('is where it is for pictures that are resized to exact sides', async () => {
    const resize = { ...interpolation, mode: 'exact', height: 31, width: 33 } as const;
    const exact: Preprocessing = { ...plain, resize, mean: meanOf(31, 33) };
    const picture = makePicture(33, 31);
    const expected = prepareHere(exact, picture);
    for (const embed of ['preprocessing', 'resize'] as const) {
      const given = embed === 'resize' ? picture : framePicture(picture, exact);
      const actual = await prepare(modelWith(exact), embed, given);
      expect(largest(compare(actual, expected, exact))).toBeLessThan(1e-4);
    }
  });

  test('is refused where the file does not see the width', () => {
    expect(() => exportOnnx(modelWith(preprocessing), { embed: 'preprocessing' })).toThrow(
      'The mean image of 30 × 30 lies a pixel further here or there on the 28 × 28 that are cut out',
    );
  });
});

test('halves and a convolution of squares change nothing before the network', async () => {
  const model = modelWith(plain);
  const { node } = decodeModel(exportOnnx(model, { embed: 'resize', dtype: 'float16' })).graph;
  const { node: single } = decodeModel(exportOnnx(model, { embed: 'resize' })).graph;
  const namesOf = (nodes: typeof node) =>
    nodes.map(({ name }) => name).filter((name) => name?.startsWith('preprocessing/'));
  expect(namesOf(node).filter((name) => name !== 'preprocessing/float16')).toEqual(namesOf(single));
  const bytes = exportOnnx(model, { embed: 'resize', dtype: 'float16' });
  expect(exportOnnx(importOnnx(bytes), { embed: 'resize', dtype: 'float16' })).toEqual(bytes);
});

test('nothing to resize and nothing to cut is an error', () => {
  const preprocessing: Preprocessing = { ...plain, resize: { mode: 'none' }, crop: null };
  expect(() => exportOnnx(modelWith(preprocessing), { embed: 'resize' })).toThrow(
    'embed is "resize", but the preprocessing neither resizes pictures nor cuts them.',
  );
});
