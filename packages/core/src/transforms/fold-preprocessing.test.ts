import { describe, expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { createNetwork } from '../model/create-model.ts';
import { encodeMeanImage } from '../model/mean-image.ts';
import type { Model } from '../model/model.ts';
import type { Preprocessing } from '../model/preprocessing.ts';
import { createTensor, type Tensor } from '../tensor.ts';
import { outputOf, randomModel, randomTensor, relativeError } from '../test-model.ts';
import { foldPreprocessing } from './fold-preprocessing.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;
const IMAGENET = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const CAFFE = { scale: 1, mean: [104, 117, 123], std: [1, 1, 1] };
const UNIT = { scale: 1 / 255, mean: [0, 0, 0], std: [0.5, 0.25, 1] };

function modelOf(graph: Graph, numbers: Pick<Preprocessing, 'scale' | 'mean' | 'std'>): Model {
  const model = randomModel(graph);
  const preprocessing = { ...model.metadata.preprocessing, ...numbers };
  return { ...model, metadata: { ...model.metadata, preprocessing } };
}

/** Pixels from 0 to 255. */
function randomPixels(shape: readonly number[]): Tensor {
  const { data } = randomTensor([2, ...shape]);
  return createTensor(
    [2, ...shape],
    data.map((value) => Math.round(Math.min(255, Math.max(0, 128 + 64 * value)))),
  );
}

/** In float64, so that only the fold's own rounding is seen. */
function preprocess({ shape, data }: Tensor, { scale, mean, std }: typeof IMAGENET) {
  const [, C = 1, H = 1, W = 1] = shape;
  const values = Float64Array.from(data, (value, at) => {
    const c = Math.floor(at / (H * W)) % C;
    return (value * scale - (mean[c] ?? 0)) / (std[c] ?? 1);
  });
  return { shape, data: values };
}

const noPadding = createNetwork('mini', { inputSize: 67 }).graph;
const padded = createNetwork('compact', { inputSize: 32, classes: 5, widthMultiplier: 0.25 }).graph;
/** The padding below and to the right is never reached: floor((9 + 1 − 3) / 2) ends at pixel 8. */
const unread = createGraphBuilder('unread', [3, 9, 9])
  .conv('conv1', { channels: 4, kernel: 3, stride: 2, pads: [0, 0, 1, 1], init })
  .build();
const dense = createGraphBuilder('dense', [3, 4, 5])
  .flatten('flatten')
  .dropout('drop', 0.5)
  .gemm('fc1', { features: 6, init })
  .build();

test.each([
  { what: "Caffe's mean", graph: noPadding, numbers: CAFFE },
  { what: "ImageNet's mean and std", graph: noPadding, numbers: IMAGENET },
  { what: 'scale and std alone, with padding', graph: padded, numbers: UNIT },
  { what: 'padding that no window reaches', graph: unread, numbers: IMAGENET },
  { what: 'a fully connected layer', graph: dense, numbers: IMAGENET },
])('$what: the folded network gives the same for raw pixels', ({ graph, numbers }) => {
  const model = modelOf(graph, numbers);
  const folded = foldPreprocessing(model);
  checkGraph(folded.graph);
  const pixels = randomPixels(graph.input.shape);
  const preprocessed = preprocess(pixels, numbers);
  const expected = outputOf(model, preprocessed);
  expect(relativeError(outputOf(folded, pixels), expected)).toBeLessThan(1e-5);
  expect(folded.metadata.preprocessing).toEqual({
    ...model.metadata.preprocessing,
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  });
  const changed = [...folded.weights]
    .filter(([name, tensor]) => tensor !== model.weights.get(name))
    .map(([name]) => name.split('.')[0]);
  expect(new Set(changed)).toEqual(new Set([graph === dense ? 'fc1' : 'conv1']));
});

test('by hand: w · scale / std, and b − w · mean / std', () => {
  const graph = createGraphBuilder('hand', [1, 1, 1])
    .conv('conv1', { channels: 1, kernel: 1, init })
    .build();
  const model = {
    ...modelOf(graph, { scale: 0.5, mean: [3], std: [4] }),
    weights: new Map([
      ['conv1.weight', createTensor([1, 1, 1, 1], Float32Array.of(8))],
      ['conv1.bias', createTensor([1], Float32Array.of(10))],
    ]),
  };
  const { weights } = foldPreprocessing(model);
  expect(weights.get('conv1.weight')?.data[0]).toBe(1);
  expect(weights.get('conv1.bias')?.data[0]).toBe(4);
});

test('nothing to fold: the same model', () => {
  const model = randomModel(noPadding);
  expect(foldPreprocessing(model)).toBe(model);
});

describe('refused', () => {
  test('a mean with a convolution that pads', () => {
    expect(() => foldPreprocessing(modelOf(padded, IMAGENET))).toThrowError(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        path: ['conv1'],
        message: expect.stringMatching(/conv1 pads its input with zeros \(\[5, 5, 5, 5\]\)/),
        hint: expect.stringMatching(/zero padding stands for the mean/),
      }),
    );
  });

  test.each([
    { what: 'above and to the left', pads: [1, 1, 0, 0], size: 8 },
    { what: 'below and to the right', pads: [0, 0, 1, 1], size: 8 },
    { what: 'to the right', pads: [0, 0, 0, 1], size: 8 },
  ] as const)('padding $what alone', ({ pads, size }) => {
    const graph = createGraphBuilder('sides', [3, size, size])
      .conv('conv1', { channels: 2, kernel: 3, stride: 2, pads, init })
      .build();
    expect(() => foldPreprocessing(modelOf(graph, CAFFE))).toThrowError(/conv1 pads its input/);
  });

  test("a mean that is each picture's own", () => {
    expect(() => foldPreprocessing(modelOf(noPadding, { ...CAFFE, mean: 'picture' }))).toThrowError(
      /its mean is each picture's own/,
    );
  });

  test('a mean image', () => {
    const mean = encodeMeanImage(new Float32Array(3), { height: 1, width: 1 });
    expect(() => foldPreprocessing(modelOf(noPadding, { ...CAFFE, mean }))).toThrowError(
      /its mean is an image, and weights are the same at every place/,
    );
  });

  test('another layer before the first convolution', () => {
    const graph = createGraphBuilder('relu-first', [3, 4, 4])
      .relu('relu0')
      .conv('conv1', { channels: 2, kernel: 3, init })
      .build();
    expect(() => foldPreprocessing(modelOf(graph, CAFFE))).toThrowError(/relu0 \(Relu\) reads it/);
  });

  test('numbers that do not fit the channels, and a std of 0', () => {
    expect(() =>
      foldPreprocessing(modelOf(noPadding, { scale: 1, mean: [1], std: [1] })),
    ).toThrowError(/1 means and 1 deviations, but image has 3 channels/);
    expect(() => foldPreprocessing(modelOf(noPadding, { ...CAFFE, mean: 'picture' }))).toThrowError(
      /its mean is each picture's own/,
    );
    expect(() => foldPreprocessing(modelOf(noPadding, { ...CAFFE, std: [1, 0, 1] }))).toThrowError(
      /std \[1, 0, 1\]/,
    );
  });
});
