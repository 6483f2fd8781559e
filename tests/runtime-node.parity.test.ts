import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createModel, createTensor, type Model } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { type Picture, preprocess } from '@alexnet/data';
import { decodePicture, encodePng } from '@alexnet/data/node';
import { createOnnxBuilder, encodeModel, exportOnnx, type OnnxBuilder } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';
import { loadModel, type PictureSource } from '@alexnet/runtime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';

const LABELS = Array.from({ length: 7 }, (_, index) => `kind ${index}`);
/** Presets that differ in channels, resize and crop. */
const MODELS = [
  ['mini', createModel('mini', { labels: LABELS, seed: 11 })],
  ['mnist', createModel('mnist', { labels: LABELS, seed: 12 })],
] as const;
const [[, mini]] = MODELS;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-parity-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Waves and a little noise, so that no two rows or channels are alike. */
function makePicture(width: number, height: number, channels: 1 | 3 = 3): Picture {
  const pixels = Uint8Array.from({ length: width * height * channels }, (_, index) => {
    const c = index % channels;
    const x = Math.floor(index / channels) % width;
    const y = Math.floor(index / channels / width);
    return 128 + 90 * Math.sin(x / 9 + c) * Math.cos(y / 7 - c) + ((index * 2654435761) % 30);
  });
  return { width, height, channels, pixels };
}

function interpretPicture({ graph, weights, metadata }: Model, picture: Picture): Float64Array {
  const input = createTensor([1, ...graph.input.shape]);
  preprocess(picture, metadata.preprocessing, input.data);
  const logits = interpret(graph, weights, input).get(graph.output);
  return logits?.data ?? new Float64Array(0);
}

function expectLogits(actual: Float32Array | undefined, expected: Float64Array): void {
  const tolerance = AGREEMENT_TOLERANCES.runtimeNode * largest(expected);
  expectAllClose(actual ?? [], expected, { name: 'logits', tolerance });
}

describe.each(MODELS)('%s agrees with the interpreter', (_, model) => {
  test('on pictures in memory and in files, grey and colour, of several sizes', async () => {
    const raw = [makePicture(90, 70), makePicture(31, 300), makePicture(28, 28, 1)];
    const png = join(folder, 'waves.png');
    await writeFile(png, await encodePng(makePicture(120, 80)));
    const jpeg = new URL('golden/pictures/encoded/progressive.jpg', import.meta.url);
    const bytes = await readFile(jpeg);
    const sources: PictureSource[] = [...raw, png, pathToFileURL(png), jpeg, bytes];
    const decoded = [
      ...raw,
      await decodePicture(png),
      await decodePicture(png),
      await decodePicture(bytes),
      await decodePicture(bytes),
    ];
    const classifier = await loadModel(exportOnnx(model), { device: 'cpu' });
    expect(classifier.info).toMatchObject({
      device: 'cpu',
      runtime: 'onnxruntime-node',
      outputKind: 'logits',
      ...model.metadata,
    });
    const logits = await classifier.logits(sources, { batchSize: 3 });
    decoded.forEach((picture, index) => {
      expectLogits(logits[index], interpretPicture(model, picture));
    });
    await classifier.dispose();
  });
});

test('classify gives the softmax of the same logits, with the labels out of the file', async () => {
  const path = join(folder, 'kinds.onnx');
  await writeOnnxFile(path, mini);
  const classifier = await loadModel(path, { threads: 1 });
  const picture = makePicture(64, 48);
  const expected = interpretPicture(mini, picture);
  const sum = expected.reduce((total, logit) => total + Math.exp(logit), 0);
  const order = [...expected.keys()].sort((a, b) => (expected[b] ?? 0) - (expected[a] ?? 0));
  const [best, second, ...rest] = await classifier.classify(picture, { topK: 2 });
  expect(rest).toEqual([]);
  expect([best?.index, second?.index]).toEqual(order.slice(0, 2));
  expect(best?.label).toBe(LABELS[best?.index ?? 0]);
  expect(best?.probability).toBeCloseTo(Math.exp(expected[best?.index ?? 0] ?? 0) / sum, 5);
  await classifier.dispose();
});

test('alpha changes nothing', async () => {
  const classifier = await loadModel(exportOnnx(mini));
  const { width, height, pixels } = makePicture(40, 30);
  const rgba = new Uint8ClampedArray(width * height * 4).map((_, index) =>
    index % 4 === 3 ? index % 251 : (pixels[Math.floor(index / 4) * 3 + (index % 4)] ?? 0),
  );
  const [a, b] = await classifier.logits([
    { width, height, channels: 3, pixels },
    { width, height, channels: 4, pixels: rgba },
  ]);
  expect(b).toEqual(a);
  await classifier.dispose();
});

describe('models that are not ours, or not whole', () => {
  /** A model that pools each channel of [N, 3, 4, 4] to one number: three classes. */
  function makeForeign(change: (builder: OnnxBuilder, pooled: string) => void): Uint8Array {
    const builder = createOnnxBuilder('foreign');
    const image = builder.input('pixels', 'float32', ['batch', 3, 4, 4]);
    change(builder, builder.op('GlobalAveragePool', [image]));
    return encodeModel(builder.build({}));
  }
  const preprocessing = {
    resize: { mode: 'exact', height: 4, width: 4, filter: 'bilinear', antialias: true },
    crop: null,
    channels: 'RGB',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  } as const;
  const labels = ['red', 'green', 'blue'];
  const pooledModel = makeForeign((builder, pooled) => {
    builder.output(pooled, 'float32', ['batch', 3, 1, 1]);
  });
  const colour: Picture = {
    width: 5,
    height: 9,
    channels: 3,
    pixels: Uint8Array.from({ length: 135 }, (_, index) => [10, 13, 12][index % 3] ?? 0),
  };

  test('one without metadata works when the caller says the rest', async () => {
    const classifier = await loadModel(pooledModel, { labels, preprocessing });
    expect(classifier.info).toMatchObject({ preset: null, provenance: null, classes: 3 });
    expect(await classifier.logits([colour])).toEqual([Float32Array.of(10, 13, 12)]);
    expect((await classifier.classify(colour)).map(({ label }) => label)).toEqual([
      'green',
      'blue',
      'red',
    ]);
    await classifier.dispose();
  });

  test('one that ends in a softmax is not put through another', async () => {
    const bytes = makeForeign((builder, pooled) => {
      const flat = builder.op('Flatten', [pooled], { axis: { i: 1 } });
      builder.output(builder.op('Softmax', [flat]), 'float32', ['batch', 3]);
    });
    const outputKind = 'probabilities';
    const classifier = await loadModel(bytes, { labels, preprocessing, outputKind });
    const [best] = await classifier.classify(colour);
    expect(best?.probability).toBeCloseTo(1 / (1 + Math.exp(-1) + Math.exp(-3)), 6);
    await classifier.dispose();
  });

  const whole = exportOnnx(mini);
  test.each<[string, Uint8Array, Parameters<typeof loadModel>[1], string, RegExp]>([
    ['no metadata', pooledModel, {}, 'INVALID_MODEL', /does not say its labels and preprocessing/],
    ['labels that are too few', whole, { labels }, 'INVALID_ARGUMENT', /7 classes, but 3 labels/],
    [
      'preprocessing of another size',
      whole,
      { preprocessing },
      'SHAPE_MISMATCH',
      /\[3, 227, 227\], .* makes \[3, 4, 4\]/,
    ],
    [
      'an output that is no row of classes',
      makeForeign((builder) => builder.output('pixels', 'float32', ['batch', 3, 4, 4])),
      { labels, preprocessing },
      'INVALID_MODEL',
      /is \[batch, 3, 4, 4\], but a classifier gives \[N, classes\]/,
    ],
    ['half of a file', whole.subarray(0, whole.length / 2), {}, 'INVALID_MODEL', /the model: /],
    ['all but its last byte', whole.subarray(0, -1), {}, 'INVALID_MODEL', /the model/],
    ['no threads at all', whole, { threads: 0 }, 'INVALID_ARGUMENT', /threads is 0/],
  ])('%s', async (_, bytes, options, code, message) => {
    await expect(loadModel(bytes, options)).rejects.toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/./),
      }),
    );
  });

  test('a model with two inputs', async () => {
    const builder = createOnnxBuilder('pair');
    const a = builder.input('a', 'float32', ['N', 3, 4, 4]);
    const b = builder.input('b', 'float32', ['N', 3, 4, 4]);
    builder.output(builder.op('Add', [a, b]), 'float32', ['N', 3, 4, 4]);
    const bytes = encodeModel(builder.build({}));
    await expect(loadModel(bytes, { labels, preprocessing })).rejects.toThrow(
      expect.objectContaining({
        code: 'INVALID_MODEL',
        message: expect.stringMatching(/2 inputs \("a", "b"\), but a classifier has one/),
      }),
    );
  });
});
