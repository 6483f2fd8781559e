import { createGraphBuilder, initializeModel, type Model } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { ExportOptions } from './export-options.ts';
import { importOnnx } from './import-onnx.ts';
import { exportOnnx, toOnnx } from './to-onnx.ts';

const HALF = 10;

function createTiny(weight = 1): Model {
  const init = {
    weight: { kind: 'constant', value: weight },
    bias: { kind: 'constant', value: 0 },
  } as const;
  const graph = createGraphBuilder('tiny', [3, 4, 4])
    .conv('conv1', { channels: 4, kernel: 1, init })
    .lrn('norm1', { size: 3, alpha: 1, beta: 0.75, k: 1 })
    .relu('relu1')
    .dropout('drop1', 0.5)
    .flatten('flatten')
    .gemm('fc2', { features: 2, init })
    .build();
  const preprocessing = {
    resize: { mode: 'none' },
    crop: { height: 4, width: 4 },
    channels: 'RGB',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  } as const;
  return initializeModel({ preset: null, graph, preprocessing }, { init: 'published' });
}

/** `norm1 = LRN(conv1/float32)` */
function describeNodes(options: ExportOptions): readonly string[] {
  const { graph } = toOnnx(createTiny(), { dtype: 'float16', ...options });
  return graph.node.map(
    ({ opType, name, input, output }) =>
      `${name === output[0] ? '' : `${name}: `}${output} = ${opType}(${input[0]})`,
  );
}

describe('a network in halves', () => {
  test('has casts where a sum of squares begins and ends, and where its input and output are float32', () => {
    expect(describeNodes({})).toEqual([
      'image/float16 = Cast(image)',
      'conv1 = Conv(image/float16)',
      'conv1/float32 = Cast(conv1)',
      'norm1 = LRN(conv1/float32)',
      'norm1/float16 = Cast(norm1)',
      'relu1 = Relu(norm1/float16)',
      'drop1 = Dropout(relu1)',
      'flatten = Flatten(drop1)',
      'fc2: logits/float16 = Gemm(flatten)',
      'logits/float32: logits = Cast(logits/float16)',
    ]);
  });

  test('gives features in float32 as well, from the same halves that go on', () => {
    const nodes = describeNodes({ features: ['conv1', 'norm1'] });
    expect(nodes.slice(1, 5)).toEqual([
      'conv1: conv1/float16 = Conv(image/float16)',
      'conv1/float32: conv1 = Cast(conv1/float16)',
      'norm1 = LRN(conv1)',
      'norm1/float16 = Cast(norm1)',
    ]);
  });

  test('takes and gives halves, where that is asked for', () => {
    const nodes = describeNodes({ io: 'float16', output: 'probabilities' });
    expect(nodes[0]).toBe('conv1 = Conv(image)');
    expect(nodes.slice(-4)).toEqual([
      'fc2: logits = Gemm(flatten)',
      'logits/float32 = Cast(logits)',
      'probabilities: probabilities/float32 = Softmax(logits/float32)',
      'probabilities/float16: probabilities = Cast(probabilities/float32)',
    ]);
    const { input, output } = toOnnx(createTiny(), { dtype: 'float16', io: 'float16' }).graph;
    const types = [...input, ...output].map(({ type }) => type?.tensorType?.elemType);
    expect(types).toEqual([HALF, HALF]);
  });

  test('has halves as weights and biases; the ratio of a dropout stays', () => {
    const { initializer } = toOnnx(createTiny(), { dtype: 'float16' }).graph;
    expect(initializer.map(({ name, dataType }) => `${name} ${dataType}`)).toEqual([
      'conv1.weight 10',
      'conv1.bias 10',
      'fc2.weight 10',
      'fc2.bias 10',
      'constant/0.5 1',
    ]);
  });

  test('comes back as it was, and gives the same bytes', () => {
    const own = createTiny(0.5);
    for (const options of [{}, { features: ['conv1', 'norm1'] }, { lrn: 'conv' }] as const) {
      const bytes = exportOnnx(own, { dtype: 'float16', ...options });
      const back = importOnnx(bytes);
      expect(back.graph.nodes).toEqual(own.graph.nodes);
      expect([...back.weights]).toEqual([...own.weights]);
      expect(exportOnnx(back, { dtype: 'float16', ...options })).toEqual(bytes);
    }
  });
});

describe('refuses', () => {
  test('weights that a half cannot hold, by name', () => {
    expect(() => exportOnnx(createTiny(70_000), { dtype: 'float16' })).toThrow(
      'conv1.weight has the number 70000 at index 0, but the largest of float16 is 65504.',
    );
  });

  test.each<[ExportOptions, string]>([
    [{ dtype: 'float16', weights: 'int8' }, 'weights is "int8", but dtype "float16" has its'],
    [{ dtype: 'float16', weights: 'float32' }, 'weights is "float32", but dtype "float16"'],
    [{ io: 'float16' }, 'io is "float16", but the network computes in float32.'],
  ])('%j, which contradicts itself', (options, message) => {
    expect(() => exportOnnx(createTiny(), options)).toThrow(message);
  });
});
