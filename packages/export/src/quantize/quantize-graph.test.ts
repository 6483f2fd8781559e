import { createGraphBuilder, initializeModel, type Model } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { ExportOptions } from '../export-options.ts';
import { importOnnx } from '../import-onnx.ts';
import type { TensorProto } from '../proto/messages.ts';
import { exportOnnx, listRangedValues, toOnnx } from '../to-onnx.ts';
import { quantizeRange, type Ranges } from './range.ts';

const init = {
  weight: { kind: 'constant', value: 0.5 },
  bias: { kind: 'constant', value: 1 },
} as const;

function createTiny(): Model {
  const graph = createGraphBuilder('tiny', [3, 6, 6])
    .conv('conv1', { channels: 4, kernel: 3, init })
    .relu('relu1')
    .lrn('norm1', { size: 3, alpha: 1, beta: 0.75, k: 1 })
    .maxPool('pool1', { kernel: 2, stride: 2 })
    .conv('conv2', { channels: 2, kernel: 1, init })
    .tanh('tanh2')
    .flatten('flatten')
    .gemm('fc3', { features: 2, init })
    .build();
  const preprocessing = {
    resize: { mode: 'none' },
    crop: { height: 6, width: 6 },
    channels: 'RGB',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  } as const;
  return initializeModel({ preset: null, graph, preprocessing }, { init: 'published' });
}

const RANGES: Ranges = new Map([
  ['image', { min: -1, max: 1.55 }],
  ['relu1', { min: 0, max: 25.5 }],
  ['norm1', { min: 0, max: 2.55 }],
  ['conv2', { min: -5, max: 5 }],
  ['tanh2', { min: -1, max: 1 }],
]);

const options = (more: ExportOptions = {}): ExportOptions => ({
  dtype: 'int8',
  ranges: RANGES,
  ...more,
});

function describeNodes(given: ExportOptions): readonly string[] {
  const { graph } = toOnnx(createTiny(), given);
  return graph.node.map(({ opType, output, input }) => `${output} = ${opType}(${input[0]})`);
}

function numbersOf(tensor: TensorProto | undefined): readonly number[] {
  const { buffer } = tensor?.rawData?.slice() ?? new Uint8Array();
  if (tensor?.dataType === 3) return [...new Int8Array(buffer)];
  return tensor?.dataType === 6 ? [...new Int32Array(buffer)] : [...new Float32Array(buffer)];
}

describe('a range', () => {
  test('becomes steps that hit 0', () => {
    expect(quantizeRange('x', { min: 0, max: 25.5 })).toEqual({
      scale: Math.fround(0.1),
      zeroPoint: -128,
    });
    expect(quantizeRange('x', { min: -1, max: 1.55 }).zeroPoint).toBe(-28);
    // What lies on one side of 0 is widened to it: padding is 0.
    expect(quantizeRange('x', { min: 5, max: 25.5 }).zeroPoint).toBe(-128);
    expect(quantizeRange('x', { min: -2, max: -1 }).zeroPoint).toBe(127);
    expect(quantizeRange('x', { min: 0, max: 0 }).scale).toBe(2 ** -126);
  });

  test('that is none is refused', () => {
    expect(() => quantizeRange('relu1', { min: 1, max: 0 })).toThrow('"relu1" goes from 1 to 0');
    expect(() => quantizeRange('relu1', { min: 0, max: Number.NaN })).toThrow('from 0 to NaN');
  });
});

test('values are rounded before and behind layers of integers; pools keep the steps', () => {
  expect(describeNodes(options())).toEqual([
    'image/quantized = QuantizeLinear(image)',
    'image/dequantized = DequantizeLinear(image/quantized)',
    'conv1.weight = DequantizeLinear(conv1.weight/int8)',
    'conv1.bias = DequantizeLinear(conv1.bias/int32)',
    'conv1 = Conv(image/dequantized)',
    'relu1 = Relu(conv1)',
    'relu1/quantized = QuantizeLinear(relu1)',
    'relu1/dequantized = DequantizeLinear(relu1/quantized)',
    'norm1 = LRN(relu1/dequantized)',
    'norm1/quantized = QuantizeLinear(norm1)',
    'norm1/dequantized = DequantizeLinear(norm1/quantized)',
    'pool1 = MaxPool(norm1/dequantized)',
    'pool1/quantized = QuantizeLinear(pool1)',
    'pool1/dequantized = DequantizeLinear(pool1/quantized)',
    'conv2.weight = DequantizeLinear(conv2.weight/int8)',
    'conv2.bias = DequantizeLinear(conv2.bias/int32)',
    'conv2 = Conv(pool1/dequantized)',
    'conv2/quantized = QuantizeLinear(conv2)',
    'conv2/dequantized = DequantizeLinear(conv2/quantized)',
    'tanh2 = Tanh(conv2/dequantized)',
    'tanh2/quantized = QuantizeLinear(tanh2)',
    'tanh2/dequantized = DequantizeLinear(tanh2/quantized)',
    'flatten = Flatten(tanh2/dequantized)',
    'flatten/quantized = QuantizeLinear(flatten)',
    'flatten/dequantized = DequantizeLinear(flatten/quantized)',
    'fc3.weight = DequantizeLinear(fc3.weight/int8)',
    'fc3.bias = DequantizeLinear(fc3.bias/int32)',
    'logits = Gemm(flatten/dequantized)',
  ]);
  const { graph } = toOnnx(createTiny(), options());
  const pool = graph.node.find(({ name }) => name === 'pool1/quantized');
  expect(pool?.input).toEqual(['pool1', 'norm1/quantized/scale', 'norm1/quantized/zero-point']);
});

test('weights have a scale for each channel, biases the steps of their sums', () => {
  const { initializer } = toOnnx(createTiny(), options()).graph;
  const find = (name: string) => numbersOf(initializer.find((tensor) => tensor.name === name));
  expect(find('conv1.weight/int8')).toEqual(new Array(4 * 27).fill(127));
  expect(find('conv1.weight/scale')).toEqual(new Array(4).fill(Math.fround(0.5 / 127)));
  // 1 / (0.01 · 0.5 / 127)
  expect(find('conv1.bias/int32')).toEqual(new Array(4).fill(25400));
  expect(find('image/quantized/zero-point')).toEqual([-28]);
});

test('layers that stay in float32 have their weights, and round nothing', () => {
  const nodes = describeNodes(options({ floatLayers: ['conv1', 'fc3'] }));
  expect(nodes.slice(0, 4)).toEqual([
    'conv1 = Conv(image)',
    'relu1 = Relu(conv1)',
    'norm1 = LRN(relu1)',
    'norm1/quantized = QuantizeLinear(norm1)',
  ]);
  expect(nodes.at(-1)).toBe('logits = Gemm(flatten)');
});

test('the values whose ranges are wanted are listed', () => {
  const model = createTiny();
  expect(listRangedValues(model)).toEqual(['image', 'relu1', 'norm1', 'conv2', 'tanh2']);
  const floatLayers = ['conv1', 'fc3'];
  expect(listRangedValues(model, { floatLayers })).toEqual(['norm1', 'conv2']);
  expect(listRangedValues(model, { embed: 'preprocessing' })).toContain('image');
});

test.each<ExportOptions>([{}, { lrn: 'conv' }, { embed: 'preprocessing' }, { output: 'both' }])(
  'with %j it comes back with its layers, says that it rounds, and gives the same bytes',
  (more) => {
    const model = createTiny();
    const bytes = exportOnnx(model, options(more));
    const back = importOnnx(bytes);
    expect(back.graph.nodes).toEqual(model.graph.nodes);
    expect(back.remarks).toEqual([expect.stringContaining('rounds what layers give to 8 bits')]);
    expect(Buffer.compare(exportOnnx(back, options(more)), bytes)).toBe(0);
  },
);

describe('refuses', () => {
  test('a range that is missing, by its name', () => {
    const ranges = new Map([...RANGES].filter(([name]) => name !== 'norm1'));
    expect(() => exportOnnx(createTiny(), options({ ranges }))).toThrow(
      'The range of "norm1" is not known, by which it would be rounded to 8 bits.',
    );
  });

  test.each<[ExportOptions, string]>([
    [options({ floatLayers: ['conv9'] }), 'no convolution or fully connected layer "conv9"'],
    [options({ weights: 'float32' }), 'weights is "float32", but dtype "int8"'],
    [options({ io: 'float16' }), 'io is "float16", but the network computes in int8.'],
    [{ ranges: RANGES }, 'ranges are given, but the network computes in float32.'],
  ])('%j, which contradicts itself', (given, message) => {
    expect(() => exportOnnx(createTiny(), given)).toThrow(message);
  });
});
