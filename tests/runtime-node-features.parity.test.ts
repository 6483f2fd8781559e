import { createModel, createTensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { preprocess } from '@alexnet/data';
import { exportOnnx } from '@alexnet/export';
import { loadModel, type RawPicture } from '@alexnet/runtime-node';
import { describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';

const mini = createModel('mini', { classes: 7, seed: 11 });
const bytes = exportOnnx(mini);

function makePicture(seed: number): RawPicture {
  const [width, height] = [61 + seed, 47];
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, index) => Math.imul(index + seed, 2654435761) >>> 24,
  );
  return { width, height, channels: 3, pixels };
}
const pictures = [0, 1, 2].map(makePicture);

/** What every layer gives for one picture, in float64. */
const expected = pictures.map(({ width, height, pixels }) => {
  const { graph, weights, metadata } = mini;
  const input = createTensor([1, ...graph.input.shape]);
  const picture = { width, height, channels: 3, pixels: Uint8Array.from(pixels) } as const;
  preprocess(picture, metadata.preprocessing, input.data);
  return interpret(graph, weights, input, { taps: graph.nodes.map(({ output }) => output) });
});

describe.each([false, true])('features of each layer, worker: %s', (worker) => {
  test('are those of the interpreter, without the file having them as outputs', async () => {
    await using model = await loadModel(bytes, { device: 'cpu', features: 'all', worker });
    const layers = mini.graph.nodes
      .map(({ output }) => output)
      .filter((name) => model.info.layers.includes(name));
    expect(layers).toEqual(expect.arrayContaining(['conv1', 'relu1', 'norm1', 'pool5', 'fc7']));
    for (const layer of layers) {
      const tensors = await model.features(layer, pictures, { batchSize: 2 });
      expect(tensors).toHaveLength(pictures.length);
      for (const [index, { shape, data }] of tensors.entries()) {
        const value = expected[index]?.get(layer);
        expect(shape, layer).toEqual(value?.shape.slice(1));
        const values = value?.data ?? new Float64Array();
        expectAllClose(data, values, {
          name: layer,
          tolerance: AGREEMENT_TOLERANCES.features * largest(values),
        });
      }
    }
  });
});

test('declared layers stand beside the outputs, and change no answer', async () => {
  await using plain = await loadModel(bytes, { device: 'cpu' });
  await using model = await loadModel(bytes, { device: 'cpu', features: ['pool5', 'fc7'] });
  expect(plain.info.layers).toEqual(['logits']);
  expect(model.info.layers).toEqual(['logits', 'pool5', 'fc7']);
  expect(await model.logits(pictures)).toEqual(await plain.logits(pictures));
  const [features] = await model.features('logits', pictures);
  expect(features?.data).toEqual((await plain.logits(pictures))[0]);
});

test('a layer that the file has not is refused at load, with all there are', async () => {
  await expect(loadModel(bytes, { features: ['conv6'] })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/"conv6"\./),
    hint: expect.stringMatching(/conv1, relu1, norm1/),
  });
  const call = Reflect.apply(loadModel, undefined, [bytes, { features: 'conv5' }]);
  await expect(call).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', path: ['features'] });
});

test('a layer that was not declared is refused with how to', async () => {
  await using model = await loadModel(bytes, { features: ['pool5'] });
  await expect(model.features('conv5', pictures)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    hint: expect.stringMatching(/It gives: logits, pool5\. .*features: \['conv5'\]/),
  });
});
