import { describe, expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { createNetwork } from '../model/create-model.ts';
import { decodeMeanImage, encodeMeanImage, isMeanImage } from '../model/mean-image.ts';
import type { Model } from '../model/model.ts';
import { createTensor, type Tensor } from '../tensor.ts';
import { outputOf, randomModel, randomTensor, relativeError } from '../test-model.ts';
import { swapChannels } from './swap-channels.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;

/** The pictures with their three channels in reverse. */
function swapInput({ shape, data }: Tensor): Tensor {
  const [N = 0, C = 0, H = 0, W = 0] = shape;
  const swapped = createTensor(shape);
  const plane = H * W;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let p = 0; p < plane; p++) {
        swapped.data[(n * C + c) * plane + p] = data[(n * C + C - 1 - c) * plane + p] ?? 0;
      }
    }
  }
  return swapped;
}

const parameter = (name: string, shape: readonly number[]) =>
  ({ name, shape, initializer: init.weight }) as const;

/** The picture is read by two convolutions; the output comes from one, the other hangs beside it. */
const twoReaders: Graph = {
  name: 'two-readers',
  input: { name: 'x', shape: [3, 5, 5] },
  parameters: [
    parameter('a.weight', [4, 3, 3, 3]),
    parameter('a.bias', [4]),
    parameter('b.weight', [2, 3, 5, 5]),
    parameter('b.bias', [2]),
  ],
  nodes: [
    {
      op: 'Conv',
      name: 'a',
      inputs: ['x', 'a.weight', 'a.bias'],
      output: 'a',
      attributes: { kernelShape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], group: 1 },
    },
    {
      op: 'Conv',
      name: 'b',
      inputs: ['x', 'b.weight', 'b.bias'],
      output: 'y',
      attributes: { kernelShape: [5, 5], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 },
    },
  ],
  output: 'y',
};

describe.each([
  { what: 'mini', graph: createNetwork('mini', { inputSize: 67 }).graph },
  {
    what: 'padding in conv1',
    graph: createNetwork('compact', { inputSize: 32, classes: 5, widthMultiplier: 0.25 }).graph,
  },
  {
    what: 'batch normalisation, pooling and LRN of the picture before conv1',
    graph: createGraphBuilder('first', [3, 12, 12])
      .batchNormalization('bn0', { epsilon: 1e-3, momentum: 0.9 })
      .lrn('norm0', { size: 3, alpha: 0.1, beta: 0.75, k: 1 })
      .maxPool('pool0', { kernel: 2, stride: 2 })
      .conv('conv1', { channels: 4, kernel: 3, init })
      .build(),
  },
  {
    what: 'a fully connected layer first',
    graph: createGraphBuilder('dense', [3, 4, 5])
      .averagePool('pool0', { kernel: 2 })
      .flatten('flatten')
      .batchNormalization('bn0', { epsilon: 1e-3, momentum: 0.9 })
      .dropout('drop', 0.5)
      .gemm('fc1', { features: 6, init })
      .build(),
  },
  { what: 'two layers that read the picture', graph: twoReaders },
])('$what', ({ graph }) => {
  const model = randomModel(graph);
  const swapped = swapChannels(model);

  test('gives the same outputs for swapped pictures', () => {
    checkGraph(swapped.graph);
    const input = randomTensor([2, ...graph.input.shape]);
    const expected = outputOf(model, input);
    expect(relativeError(outputOf(swapped, swapInput(input)), expected)).toBeLessThan(1e-12);
    expect(relativeError(outputOf(swapped, input), expected)).toBeGreaterThan(1e-3);
  });

  test('twice is the network itself', () => {
    expect(swapChannels(swapped)).toEqual(model);
  });
});

test('channels, mean and std of the preprocessing are reversed; other weights are the same arrays', () => {
  const base = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const model: Model = {
    ...base,
    metadata: {
      ...base.metadata,
      preprocessing: {
        ...base.metadata.preprocessing,
        channels: 'BGR',
        mean: [104, 117, 123],
        std: [1, 2, 3],
      },
    },
  };
  const { weights, metadata } = swapChannels(model);
  expect(metadata.preprocessing).toMatchObject({
    channels: 'RGB',
    mean: [123, 117, 104],
    std: [3, 2, 1],
  });
  for (const [name, tensor] of weights) {
    if (name !== 'conv1.weight') expect(tensor, name).toBe(model.weights.get(name));
  }
  expect(model.metadata.preprocessing.mean).toEqual([104, 117, 123]);
});

test("a mean that is each picture's own has no order", () => {
  const base = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const preprocessing = { ...base.metadata.preprocessing, mean: 'picture' } as const;
  const model: Model = { ...base, metadata: { ...base.metadata, preprocessing } };
  expect(swapChannels(model).metadata.preprocessing).toMatchObject({
    channels: 'BGR',
    mean: 'picture',
  });
});

test('the planes of a mean image change places', () => {
  const base = randomModel(createNetwork('mini', { inputSize: 67 }).graph);
  const sides = { height: 67, width: 67 };
  const preprocessing = { ...base.metadata.preprocessing, crop: sides };
  const values = Float32Array.from({ length: 3 * 67 * 67 }, (_, i) => i / 7);
  const mean = encodeMeanImage(values, sides);
  const model: Model = {
    ...base,
    metadata: { ...base.metadata, preprocessing: { ...preprocessing, mean } },
  };
  const swapped = swapChannels(model).metadata.preprocessing;
  const planes = isMeanImage(swapped.mean) ? decodeMeanImage(swapped.mean, swapped) : [];
  expect([0, 1, 2].map((c) => planes[c * 67 * 67 + 5])).toEqual(
    [2, 1, 0].map((c) => values[c * 67 * 67 + 5]),
  );
  expect(swapChannels(swapChannels(model)).metadata).toEqual(model.metadata);
});

describe('refused', () => {
  test('greyscale', () => {
    const base = randomModel(createNetwork('mnist', { widthMultiplier: 0.1 }).graph);
    const { preprocessing } = createNetwork('mnist');
    const model = { ...base, metadata: { ...base.metadata, preprocessing } };
    expect(() => swapChannels(model)).toThrowError(/1 channels \(grey\)/);
  });

  test.each([
    {
      what: 'groups in conv1',
      graph: createGraphBuilder('grouped', [3, 4, 4])
        .conv('conv1', { channels: 6, kernel: 3, group: 3, init })
        .build(),
      says: /in conv1: its 3 groups/,
    },
    {
      what: 'LRN with an even window',
      graph: createGraphBuilder('even', [3, 4, 4])
        .lrn('norm0', { size: 2, alpha: 1, beta: 1, k: 1 })
        .conv('conv1', { channels: 6, kernel: 3, init })
        .build(),
      says: /in norm0: its window/,
    },
    {
      what: 'a picture that reaches the output',
      graph: createGraphBuilder('through', [3, 4, 4]).relu('relu1').build(),
      says: /in logits: it reaches the output/,
    },
  ])('$what', ({ graph, says }) => {
    expect(() => swapChannels(randomModel(graph))).toThrowError(says);
  });
});
