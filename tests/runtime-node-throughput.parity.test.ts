import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, createTensor, type Model } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { type Picture, preprocess } from '@alexnet/data';
import { exportOnnx, toOnnx } from '@alexnet/export';
import { type WriteOnnxOptions, writeOnnxFile } from '@alexnet/export/node';
import { type LoadOptions, loadModel } from '@alexnet/runtime-node';
import { describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';

// What `loadModel` makes of a model for many pictures at once: another way to compute the same numbers.

const THROUGHPUT: LoadOptions = { performance: 'throughput' };
/** Windows of 5 and 3, with and without groups, LRN, batch normalisation, tensors of odd sizes. */
const MODELS = [
  ['torchvision', createModel('torchvision', { widthMultiplier: 0.25, seed: 3 })],
  ['caffe-alexnet', createModel('caffe-alexnet', { widthMultiplier: 0.25, seed: 4 })],
  ['keras-bn', createModel('keras-bn', { widthMultiplier: 0.25, seed: 5 })],
] as const;
const [[, torchvision]] = MODELS;

function makePicture(index: number): Picture {
  const [width, height] = [250 + index, 240];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    return 128 + 90 * Math.sin((x * (index + 1)) / 40 + (i % 3)) * Math.cos(y / 23) + (i % 17);
  });
  return { width, height, channels: 3, pixels };
}

describe.each(MODELS)('%s', (_, model) => {
  const convolutions = model.graph.nodes.filter(({ op }) => op === 'Conv');
  const last = convolutions.at(-1)?.output ?? '';

  test('writes some convolutions in products, and not the first, whose stride is 4', () => {
    const left = toOnnx(model, { convolutions: 'fourier' })
      .graph.node.filter(({ opType }) => opType === 'Conv')
      .map(({ name }) => name);
    expect(left).toContain(convolutions[0]?.name);
    expect(left.length).toBeLessThan(convolutions.length);
  });

  test('gives what the interpreter gives, and for several pictures what the file gives', async () => {
    const bytes = exportOnnx(model);
    const pictures = Array.from({ length: 5 }, (_, index) => makePicture(index));
    const truth = interpretPicture(model, pictures[0] as Picture, last);
    const plain = await loadModel(bytes, { device: 'cpu' });
    const expected = await plain.logits(pictures);
    await plain.dispose();
    for (const worker of [false, true]) {
      const quick = await loadModel(bytes, { ...THROUGHPUT, worker, features: [last] });
      try {
        expect(quick.info.device).toBe('cpu');
        const rows = await quick.logits(pictures);
        expect(rows.length).toBe(pictures.length);
        for (const [index, row] of rows.entries()) expectClose(row, expected[index] ?? []);
        const [logits] = await quick.logits(pictures.slice(0, 1));
        expectClose(logits ?? [], truth.logits);
        const [maps] = await quick.features(last, pictures.slice(0, 1));
        expectClose(maps?.data ?? [], truth.maps);
      } finally {
        await quick.dispose();
      }
    }
  });
});

function interpretPicture({ graph, weights, metadata }: Model, picture: Picture, layer: string) {
  const input = createTensor([1, ...graph.input.shape]);
  preprocess(picture, metadata.preprocessing, input.data);
  const values = interpret(graph, weights, input, { taps: [layer] });
  return { logits: values.get(graph.output)?.data ?? [], maps: values.get(layer)?.data ?? [] };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const tolerance = AGREEMENT_TOLERANCES.runtimeNode * largest(expected);
  expectAllClose(actual, expected, { name: 'values', tolerance });
}

test.each<[string, WriteOnnxOptions]>([
  ['weights in bytes', { weights: 'int8' }],
  ['weights in files beside it', { externalData: true, shardSizeBytes: 2 ** 20 }],
  ['probabilities', { output: 'probabilities' }],
  ['its own preprocessing', { embed: 'preprocessing' }],
  ['its own resize', { embed: 'resize' }],
])('takes a file with %s', async (_, options) => {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-throughput-'));
  try {
    const file = join(folder, 'model.onnx');
    await writeOnnxFile(file, torchvision, options);
    const pictures = [makePicture(1), makePicture(2)];
    const [quick, plain] = [await loadModel(file, THROUGHPUT), await loadModel(file)];
    const rows = await quick.classifyBatch(pictures, { topK: 5 });
    const expected = await plain.classifyBatch(pictures, { topK: 5 });
    await quick.dispose();
    await plain.dispose();
    for (const [index, row] of rows.entries()) {
      expect(row.map(({ label }) => label)).toEqual(expected[index]?.map(({ label }) => label));
      const shares = row.map(({ probability }) => probability);
      const others = expected[index]?.map(({ probability }) => probability) ?? [];
      expectClose(shares, others);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('refuses other devices and other numbers', async () => {
  const bytes = exportOnnx(torchvision);
  await expect(loadModel(bytes, { ...THROUGHPUT, device: 'webgpu' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('webgpu'),
  });
  const halves = exportOnnx(torchvision, { dtype: 'float16' });
  await expect(loadModel(halves, THROUGHPUT)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('float16'),
  });
});

test('refuses a performance that there is not', async () => {
  // As a program in JavaScript may misspell it.
  const options = { performance: JSON.parse('"throughtput"') };
  await expect(loadModel('model.onnx', options)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: 'performance is "throughtput".',
  });
});
