import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createTensor, type Preprocessing } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { type Picture, preprocess } from '@alexnet/data';
import { importOnnx } from '@alexnet/export';
import { loadModel, openSession } from '@alexnet/runtime-node';
import { describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { imageOf, modelOf, readImportCases } from './import-cases.ts';
import { expectAllClose, largest } from './ops/compare.ts';
import { requireOrSkip } from './require.ts';

// Models of other programs, which say neither their labels nor their preprocessing.

const DATA = resolve(process.env.ALEXNET_DATA ?? join(import.meta.dirname, '../../shared/data'));

const cropTo = (side: number): Preprocessing => ({
  resize: { mode: 'none' },
  crop: { height: side, width: side },
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
});

function makeNoise(width: number, height: number, seed: number): Picture {
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, index) => Math.imul(index + seed, 2654435761) >>> 24,
  );
  return { width, height, channels: 3, pixels };
}

test('the model zoo’s AlexNet: weights made by its nodes, one picture a run, a softmax at its end', async (context) => {
  const file = join(DATA, 'onnx-light/light_bvlc_alexnet.onnx');
  requireOrSkip(context, 'DATA', existsSync(file), `${file} is missing: the package onnx has it.`);
  await expect(loadModel(file)).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message:
      'light_bvlc_alexnet.onnx does not say its labels and preprocessing: it was not exported by @alexnet.',
    hint: expect.stringMatching(
      /loadModel\('light_bvlc_alexnet\.onnx', \{ labels: .*preprocessing/,
    ),
  });
  const synsets = await readFile(join(DATA, 'imagenet-meta/synset_words.txt'), 'utf8');
  const labels = synsets.trim().split('\n');
  const preprocessing: Preprocessing = {
    resize: { mode: 'exact', height: 256, width: 256, filter: 'bilinear', antialias: false },
    crop: { height: 224, width: 224 },
    channels: 'BGR',
    scale: 1,
    mean: [104.007, 116.669, 122.679],
    std: [1, 1, 1],
  };
  await using model = await loadModel(file, {
    device: 'cpu',
    labels,
    preprocessing,
    features: 'all',
  });
  expect(model.info).toMatchObject({
    preset: null,
    provenance: null,
    classes: 1000,
    outputKind: 'probabilities',
    output: { name: 'prob_1' },
  });
  // All weights are 0.02, so that all classes are alike: light_bvlc_alexnet_output_0.pb.
  const pictures = [makeNoise(300, 200, 1), makeNoise(200, 300, 2), makeNoise(256, 256, 3)];
  for (const best of await model.classifyBatch(pictures, { topK: 1000 })) {
    expect(best.map(({ label }) => label)).toEqual(labels);
    expectAllClose(
      best.map(({ probability }) => probability),
      new Array(1000).fill(0.001),
      { name: 'probabilities', tolerance: 1e-8 },
    );
  }
  // Its values are called r0, r1, …: pool5 is known by its shape.
  const pool5 = model.info.outputs.find(({ shape }) => shape.join() === '1,256,6,6');
  const maps = await model.features(pool5?.name ?? '', pictures);
  expect(maps.map(({ shape }) => shape)).toEqual(pictures.map(() => [256, 6, 6]));
});

/** Of each of PyTorch's two exporters; one has its batch fixed. */
const EXPORTED = readImportCases('imports/torch.json.gz').filter(({ name }) =>
  [
    'torchvision, TorchScript, opset 17',
    'torchvision, dynamo, opset 23',
    'caffe, dynamo, batch fixed',
    'small, TorchScript, opset 9',
  ].includes(name),
);

test('the files are there', () => expect(EXPORTED).toHaveLength(4));

describe.each(EXPORTED)('$name, exported by PyTorch', (found) => {
  const { shape, data } = imageOf(found);
  const [count = 0, , side = 0] = shape;
  const bytes = modelOf(found);

  test('gives for a tensor what PyTorch gave', async () => {
    const session = await openSession(bytes, { name: found.name, device: 'cpu' });
    const tensors = await session.run(data, count);
    await session.dispose();
    const logits = tensors.get(session.info.output.name)?.data ?? [];
    const tolerance = AGREEMENT_TOLERANCES.foreignOnnx * largest(found.expected);
    expectAllClose(logits, found.expected, { name: found.name, tolerance });
  });

  test('gives for pictures what the interpreter gives, once labels and preprocessing are said', async () => {
    const labels = Array.from({ length: found.expected.length / count }, (_, i) => `class ${i}`);
    await expect(loadModel(bytes, { labels })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: 'the model does not say its preprocessing: it was not exported by @alexnet.',
    });
    const preprocessing = cropTo(side);
    const pictures = [0, 1, 2].map((seed) => makeNoise(side + seed, side + 5 * seed, seed));
    await using model = await loadModel(bytes, { device: 'cpu', labels, preprocessing });
    const outputKind = found.name.startsWith('small') ? 'probabilities' : 'logits';
    expect(model.info).toMatchObject({ outputKind, labels, preprocessing });
    const rows = await model.features(model.info.output.name, pictures);
    const { graph, weights } = importOnnx(bytes);
    for (const [index, picture] of pictures.entries()) {
      const input = createTensor([1, 3, side, side]);
      preprocess(picture, preprocessing, input.data);
      const expected = interpret(graph, weights, input).get(graph.output)?.data ?? [];
      const tolerance = AGREEMENT_TOLERANCES.foreignOnnx * largest(expected);
      expectAllClose(rows[index]?.data ?? [], expected, { name: found.name, tolerance });
    }
  });
});
