import { describe, expect, test } from 'vitest';
import { fc, INPUT, layer } from './test-prototxt.ts';
import { prototxtToGraph } from './to-graph.ts';

/** A tenth of one with nothing else to do; what does not end takes minutes. */
const SECONDS_ON_A_BUSY_MACHINE = 10;

describe('refusals name the layer', () => {
  const unsupported = { code: 'UNSUPPORTED' };
  const invalid = { code: 'INVALID_MODEL' };
  test.each([
    {
      layers: [layer('e', 'Eltwise', 'data')],
      error: unsupported,
      says: '"e" (Eltwise) is of a type that is not known here',
    },
    {
      layers: [layer('__proto__', 'constructor', 'data')],
      error: unsupported,
      says: '"__proto__" (constructor) is of a type',
    },
    {
      layers: [
        layer(
          'c',
          'Convolution',
          'data',
          'convolution_param { num_output: 1 kernel_size: 3 dilation: 2 }',
        ),
      ],
      error: unsupported,
      says: '"c" (Convolution) has a dilation',
    },
    {
      layers: [layer('c', 'Convolution', 'data', 'convolution_param { num_output: 1 }')],
      error: invalid,
      says: '"c" (Convolution) has no kernel_size',
    },
    {
      layers: [layer('c', 'Convolution', 'data', 'convolution_param { kernel_size: 3 }')],
      error: invalid,
      says: '"c".convolution_param: "num_output" should be a whole number of at least 1',
    },
    {
      layers: [
        layer(
          'c',
          'Convolution',
          'data',
          'convolution_param { num_output: 4 kernel_size: 3 group: 2 }',
        ),
      ],
      error: invalid,
      says: '"c" (Convolution) has 2 groups, but 3 channels come in and 4 go out',
    },
    {
      layers: [
        layer('c', 'Convolution', 'data', 'convolution_param { num_output: 4 kernel_size: 99 }'),
      ],
      error: invalid,
      says: 'c runs out of pixels',
    },
    {
      layers: [layer('p', 'Pooling', 'data', 'pooling_param { pool: STOCHASTIC kernel_size: 3 }')],
      error: unsupported,
      says: '"p" (Pooling) pools by chance',
    },
    {
      layers: [layer('p', 'Pooling', 'data', 'pooling_param { pool: MIN kernel_size: 3 }')],
      error: invalid,
      says: '"p".pooling_param: "pool" should be one of MAX, AVE, STOCHASTIC, but is "MIN"',
    },
    {
      layers: [layer('p', 'Pooling', 'data', 'pooling_param { kernel_size: 1 stride: 5 }')],
      error: unsupported,
      says: 'begins at pixel 15 of 13',
    },
    {
      layers: [layer('n', 'LRN', 'data', 'lrn_param { local_size: 4 }')],
      error: invalid,
      says: '"n" (LRN) has an even window',
    },
    {
      layers: [layer('r', 'ReLU', 'data', 'relu_param { negative_slope: 0.1 }')],
      error: unsupported,
      says: '"r" (ReLU) is a leaky ReLU',
    },
    {
      layers: [layer('d', 'Dropout', 'data', 'dropout_param { dropout_ratio: 1 }')],
      error: invalid,
      says: '"d" (Dropout) has dropout_ratio 1',
    },
    {
      layers: [layer('s', 'Scale', 'data')],
      error: unsupported,
      says: '"s" (Scale) scales what is not a BatchNorm',
    },
    {
      layers: [layer('f', 'InnerProduct', 'data', 'inner_product_param { num_output: 2 axis: 2 }')],
      error: unsupported,
      says: '"f" (InnerProduct) has axis 2; only 1',
    },
    {
      layers: [layer('x', 'Softmax', 'data')],
      error: unsupported,
      says: '"x" (Softmax) reads [N, 3, 13, 11], a map for each class',
    },
    {
      layers: [layer('r', 'ReLU', 'dato')],
      error: invalid,
      says: '"r" (ReLU) reads "dato", which no layer before it makes.',
    },
    {
      layers: ['layer { name: "r" type: "ReLU" top: "r" }'],
      error: invalid,
      says: '"r" (ReLU) reads nothing',
    },
    {
      layers: [fc('data'), fc('data')],
      error: invalid,
      says: 'Two layers with weights are called "fc"',
    },
    {
      layers: [layer('r', 'ReLU', 'data')],
      error: unsupported,
      says: 'ends with "r" of shape [N, 3, 13, 11], not [N, classes]',
    },
    {
      layers: [
        layer('f', 'InnerProduct', 'data', 'inner_product_param { num_output: 9007199254740991 }'),
      ],
      error: invalid,
      says: 'weights; 536870912 (2 GiB) are the limit',
    },
    { layers: ['layer: 1'], error: invalid, says: '"layer" should be a message' },
  ])('$says', ({ layers, error, says }) => {
    expect(() => prototxtToGraph(INPUT + layers.join(''))).toThrowError(
      expect.objectContaining({ ...error, message: expect.stringContaining(says) }),
    );
  });

  test.each([
    { text: '', says: 'has no layers' },
    { text: 'net: "train_val.prototxt" base_lr: 0.01', says: 'This is a solver of Caffe' },
    { text: 'layer { name: "a" } layers { name: "b" }', says: '1 "layers" and 1 "layer"' },
    { text: 'layer { name: "r" type: "ReLU" bottom: "data" top: "r" }', says: 'has no input' },
  ])('$says', ({ text, says }) => {
    expect(() => prototxtToGraph(text)).toThrowError(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining(says) }),
    );
  });

  test('2,000 layers of one name, and no more', () => {
    const start = performance.now();
    const relu = layer('relu', 'ReLU', 'x', '', 'x');
    const { graph } = prototxtToGraph(
      `input: "x" input_dim: [1, 1, 1, 1] ${relu.repeat(1_999)}${fc('x')}`,
    );
    expect(graph.nodes).toHaveLength(2_001);
    expect(performance.now() - start).toBeLessThan(SECONDS_ON_A_BUSY_MACHINE * 1000);
    expect(() => prototxtToGraph(relu.repeat(2_001))).toThrowError(
      '2001 layers; 2000 are the limit',
    );
  });
});
