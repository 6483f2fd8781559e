import { recognizePreset } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { parsePrototxt } from './parse-prototxt.ts';
import { fc, INPUT, layer, nodesOf } from './test-prototxt.ts';
import { caffeToGraph, prototxtToGraph } from './to-graph.ts';

describe('layers', () => {
  test('a convolution with everything', () => {
    const settings =
      'num_output: 4 kernel_h: 3 kernel_w: 5 stride_h: 2 stride_w: 1 pad_h: 1 pad_w: 2 group: 1';
    const { graph } = prototxtToGraph(
      INPUT + layer('c', 'Convolution', 'data', `convolution_param { ${settings} }`) + fc('c'),
    );
    expect(graph.nodes[0]).toEqual({
      op: 'Conv',
      name: 'c',
      inputs: ['image', 'c.weight', 'c.bias'],
      output: 'c',
      attributes: { kernelShape: [3, 5], strides: [2, 1], pads: [1, 2, 1, 2], group: 1 },
    });
    expect(graph.parameters.slice(0, 2)).toMatchObject([
      { name: 'c.weight', shape: [4, 3, 3, 5] },
      { name: 'c.bias', shape: [4] },
    ]);
    expect(graph.input).toEqual({ name: 'image', shape: [3, 13, 11] });
    expect(graph.output).toBe('logits');
  });

  test('kernel, stride and padding in a list, or one for both axes', () => {
    const [pair, one] = [
      'num_output: 3 kernel_size: 3 kernel_size: 5 stride: 1 stride: 2 pad: 0 pad: 1',
      'num_output: 3 kernel_size: 3',
    ].map(
      (settings) =>
        nodesOf(layer('c', 'Convolution', 'data', `convolution_param { ${settings} }`), fc('c'))[0],
    );
    expect(pair?.attributes).toMatchObject({
      kernelShape: [3, 5],
      strides: [1, 2],
      pads: [0, 1, 0, 1],
    });
    expect(one?.attributes).toMatchObject({
      kernelShape: [3, 3],
      strides: [1, 1],
      pads: [0, 0, 0, 0],
    });
  });

  test("LRN: Caffe's alpha is divided by the window, or by its area within a channel", () => {
    const across = 'lrn_param { local_size: 5 alpha: 0.0001 beta: 0.5 k: 2 }';
    const within = 'lrn_param { local_size: 3 alpha: 0.9 norm_region: WITHIN_CHANNEL k: 2 }';
    const [n1, n2] = nodesOf(
      layer('n1', 'LRN', 'data', across),
      layer('n2', 'LRN', 'n1', within),
      fc('n2'),
    );
    expect(n1).toMatchObject({
      op: 'LRN',
      attributes: { size: 5, alpha: 0.0001 / 5, beta: 0.5, k: 2, groups: 1 },
    });
    expect(n2).toMatchObject({
      op: 'SpatialLRN',
      attributes: { size: 3, alpha: 0.9 / 9, beta: 0.75, k: 1 },
    });
  });

  test('pools round up, unless they say otherwise; means count the padding', () => {
    const [max, mean, floor] = nodesOf(
      layer('p1', 'Pooling', 'data', 'pooling_param { kernel_size: 3 stride: 2 }'),
      layer('p2', 'Pooling', 'p1', 'pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 }'),
      layer('p3', 'Pooling', 'p2', 'pooling_param { kernel_size: 2 stride: 2 round_mode: FLOOR }'),
      fc('p3'),
    );
    expect(max).toMatchObject({
      op: 'MaxPool',
      attributes: { ceilMode: true, pads: [0, 0, 0, 0] },
    });
    expect(mean).toMatchObject({
      op: 'AveragePool',
      attributes: { ceilMode: true, countIncludePad: true, pads: [1, 1, 1, 1] },
    });
    expect(floor?.attributes).toMatchObject({ ceilMode: false });
  });

  test('a pool over everything, and a network without fully connected layers', () => {
    const { graph } = prototxtToGraph(
      INPUT +
        layer('c', 'Convolution', 'data', 'convolution_param { num_output: 7 kernel_size: 1 }') +
        layer('p', 'Pooling', 'c', 'pooling_param { pool: AVE global_pooling: true }') +
        layer('prob', 'Softmax', 'p'),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Conv', 'AveragePool', 'Flatten', 'Softmax']);
    expect(graph.nodes[1]?.attributes).toMatchObject({ kernelShape: [13, 11] });
    expect(graph.output).toBe('probabilities');
  });

  test('layers in place read what was there before', () => {
    const nodes = nodesOf(
      layer(
        'fc1',
        'InnerProduct',
        'data',
        'inner_product_param { num_output: 4 bias_term: false }',
      ),
      layer('relu', 'ReLU', 'fc1', '', 'fc1'),
      layer('drop', 'Dropout', 'fc1', 'dropout_param { dropout_ratio: 0.25 }', 'fc1'),
      layer('tanh', 'TanH', 'fc1', '', 'fc1'),
      fc('fc1'),
    );
    expect(nodes.map(({ name, inputs: [input] }) => [name, input])).toEqual([
      ['flatten', 'image'],
      ['fc1', 'flatten'],
      ['relu', 'fc1'],
      ['drop', 'relu'],
      ['tanh', 'drop'],
      ['fc', 'tanh'],
    ]);
    expect(nodes[3]?.attributes).toEqual({ ratio: 0.25 });
  });

  test('a batch normalisation takes the scale behind it', () => {
    const { graph, sources } = prototxtToGraph(
      INPUT +
        layer('bn', 'BatchNorm', 'data', 'batch_norm_param { eps: 0.01 }') +
        layer('sc', 'Scale', 'bn', 'scale_param { bias_term: true }', 'bn') +
        layer('bn2', 'BatchNorm', 'bn') +
        fc('bn2'),
    );
    expect(graph.nodes[0]).toMatchObject({
      op: 'BatchNormalization',
      inputs: ['image', 'bn.scale', 'bn.bias', 'bn.mean', 'bn.variance'],
      attributes: { epsilon: 0.01, momentum: 0.999 },
    });
    expect([...sources].slice(0, 8)).toEqual([
      ['bn.scale', { tensor: 'bn/scale' }],
      ['bn.bias', { tensor: 'bn/shift' }],
      ['bn.mean', { tensor: 'bn/mean' }],
      ['bn.variance', { tensor: 'bn/variance' }],
      ['bn2.scale', { fill: 1 }],
      ['bn2.bias', { fill: 0 }],
      ['bn2.mean', { tensor: 'bn2/mean' }],
      ['bn2.variance', { tensor: 'bn2/variance' }],
    ]);
  });

  test("fillers become the parameters' initialisers", () => {
    const filler = 'weight_filler { type: "gaussian" std: 0.01 } bias_filler { value: 0.1 }';
    const xavier = 'weight_filler { type: "xavier" }';
    const { parameters } = prototxtToGraph(
      INPUT +
        layer('a', 'InnerProduct', 'data', `inner_product_param { num_output: 3 ${filler} }`) +
        layer('b', 'InnerProduct', 'a', `inner_product_param { num_output: 3 ${xavier} }`) +
        layer('c', 'InnerProduct', 'b', 'inner_product_param { num_output: 2 }'),
    ).graph;
    expect(parameters.map(({ initializer }) => initializer)).toEqual([
      { kind: 'normal', mean: 0, std: 0.01 },
      { kind: 'constant', value: 0.1 },
      { kind: 'uniform', bound: 1 },
      { kind: 'constant', value: 0 },
      { kind: 'normal', mean: 0, std: Math.sqrt(2 / 3) },
      { kind: 'constant', value: 0 },
    ]);
  });
});

/** The head of BVLC's deploy.prototxt; `rest` stands behind the last pool. */
describe('inputs', () => {
  const body = fc('data');
  test.each([
    { what: 'input_dim', head: INPUT, shape: [3, 13, 11] },
    {
      what: 'input_shape',
      head: 'input: "data" input_shape { dim: 9 dim: 1 dim: 4 dim: 5 }',
      shape: [1, 4, 5],
    },
    {
      what: 'a layer of input',
      head: 'layer { name: "in" type: "Input" top: "data" input_param { shape: { dim: [2, 3, 6, 7] } } }',
      shape: [3, 6, 7],
    },
    {
      what: "a data layer's crop",
      head: 'layer { name: "d" type: "Data" top: "data" top: "label" transform_param { crop_size: 8 } }',
      shape: [3, 8, 8],
    },
    {
      what: 'a grey one',
      head: 'layer { name: "d" type: "ImageData" top: "data" transform_param { crop_size: 8 force_gray: true } }',
      shape: [1, 8, 8],
    },
    {
      what: 'memory',
      head: 'layer { name: "d" type: "MemoryData" top: "data" memory_data_param { channels: 2 height: 4 width: 5 } }',
      shape: [2, 4, 5],
    },
    {
      what: 'dummies',
      head: 'layer { name: "d" type: "DummyData" top: "data" dummy_data_param { shape { dim: [1, 3, 2, 2] } } }',
      shape: [3, 2, 2],
    },
    {
      what: 'the phase that tests',
      head:
        'layer { name: "d" type: "Data" top: "data" include { phase: TRAIN } transform_param { crop_size: 5 } }' +
        'layer { name: "d" type: "Data" top: "data" include { phase: TEST } transform_param { crop_size: 6 } }',
      shape: [3, 6, 6],
    },
  ])('$what', ({ head, shape }) => {
    expect(prototxtToGraph(head + body).graph.input.shape).toEqual(shape);
  });

  test("what V1's data layers had before there was transform_param", () => {
    const text =
      'layers { name: "d" type: DATA top: "data" data_param { crop_size: 9 } }' +
      'layers { name: "fc" type: INNER_PRODUCT bottom: "data" top: "fc" inner_product_param { num_output: 2 } }';
    const { graph, transform } = prototxtToGraph(text);
    expect(graph.input.shape).toEqual([3, 9, 9]);
    expect(transform?.cropSize).toBe(9);
  });

  test('a size of the caller goes before', () => {
    const net = parsePrototxt(`input: "data"${body}`);
    expect(() => caffeToGraph(net)).toThrowError(
      expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining('"data"') }),
    );
    expect(caffeToGraph(net, { inputShape: [3, 5, 5] }).graph.input.shape).toEqual([3, 5, 5]);
    expect(() => caffeToGraph(net, { inputShape: [5, 5] })).toThrowError(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  test('how the pictures were prepared', () => {
    const { transform } = prototxtToGraph(
      'layer { name: "d" type: "Data" top: "data" transform_param { crop_size: 8 scale: 0.5 ' +
        `mean_value: 104 mean_value: 117 mean_value: 123 } }${body}`,
    );
    expect(transform).toEqual({
      cropSize: 8,
      scale: 0.5,
      meanValues: [104, 117, 123],
      meanFile: '',
      isGrey: false,
    });
  });

  test('a mean image is in another file, and said so', () => {
    const { notes } = prototxtToGraph(
      'layer { name: "d" type: "Data" top: "data" ' +
        `transform_param { crop_size: 8 mean_file: "data/mean.binaryproto" } }${body}`,
    );
    expect(notes).toEqual([
      'Its pictures were less the mean image "data/mean.binaryproto": --mean takes it.',
    ]);
  });
});

describe('ends', () => {
  const two =
    layer('a', 'InnerProduct', 'data', 'inner_product_param { num_output: 2 }') +
    layer('b', 'InnerProduct', 'data', 'inner_product_param { num_output: 3 }');

  test('losses and accuracies are left out, and said so', () => {
    const judges =
      'layer { name: "acc" type: "Accuracy" bottom: "fc" bottom: "label" top: "acc" }' +
      'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }';
    const { graph, notes } = prototxtToGraph(INPUT + fc('data') + judges);
    expect(graph.nodes.at(-1)).toMatchObject({ name: 'fc', output: 'logits' });
    expect(notes).toEqual([
      '"acc" (Accuracy) is for training and was left out.',
      '"loss" (SoftmaxWithLoss) is for training and was left out.',
    ]);
  });

  test('copies of the labels are no part of it', () => {
    const { graph } = prototxtToGraph(
      'layer { name: "d" type: "Data" top: "data" top: "label" transform_param { crop_size: 8 } }' +
        'layer { name: "s" type: "Split" bottom: "label" top: "label_0" top: "label_1" }' +
        'layer { name: "t" type: "Split" bottom: "data" top: "data_0" top: "data_1" }' +
        fc('data_1') +
        'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label_1" top: "loss" }',
    );
    expect(graph.nodes.map(({ name, inputs: [input] }) => [name, input])).toEqual([
      ['flatten', 'image'],
      ['fc', 'flatten'],
    ]);
  });

  test('one of several is chosen by name, and what only the others need is dropped', () => {
    expect(() => prototxtToGraph(INPUT + two)).toThrowError(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('2 ends: "a", "b"'),
      }),
    );
    const { graph } = prototxtToGraph(INPUT + two, { output: 'b' });
    expect(graph.nodes.map(({ name }) => name)).toEqual(['flatten_2', 'b']);
    expect(graph.parameters.map(({ name }) => name)).toEqual(['b.weight', 'b.bias']);
    expect(() => prototxtToGraph(INPUT + two, { output: 'c' })).toThrowError(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

test("V0's padding layers become the padding of what reads them", () => {
  const v0 = (rest: string, bottom: string, top: string) =>
    `layers { layer { ${rest} } bottom: "${bottom}" top: "${top}" }\n`;
  const nodes = nodesOf(
    v0('name: "pad1" type: "padding" pad: 2', 'data', 'pad1'),
    v0('name: "conv1" type: "conv" num_output: 4 kernelsize: 5 biasterm: false', 'pad1', 'conv1'),
    v0('name: "pool1" type: "pool" pool: AVE kernelsize: 3 stride: 2', 'conv1', 'pool1'),
    v0('name: "fc" type: "innerproduct" num_output: 2', 'pool1', 'fc'),
  );
  expect(nodes.map(({ op, name }) => [op, name])).toEqual([
    ['Conv', 'conv1'],
    ['AveragePool', 'pool1'],
    ['Flatten', 'flatten'],
    ['Gemm', 'fc'],
  ]);
  expect(nodes[0]?.attributes).toMatchObject({ pads: [2, 2, 2, 2], kernelShape: [5, 5] });
  expect(() =>
    nodesOf(
      v0('name: "pad1" type: "padding" pad: 2', 'data', 'pad1'),
      v0('name: "relu" type: "relu"', 'pad1', 'relu'),
    ),
  ).toThrowError('"relu" (ReLU) reads the padding layer "pad1"');
});

/** The published networks, in the words of their deploy.prototxt. */
function published(isPoolFirst: boolean): string {
  const convolution = (name: string, bottom: string, settings: string) =>
    layer(name, 'Convolution', bottom, `convolution_param { ${settings} }`) +
    layer(name.replace('conv', 'relu'), 'ReLU', name, '', name);
  const connected = (name: string, bottom: string, count: number) =>
    layer(name, 'InnerProduct', bottom, `inner_product_param { num_output: ${count} }`);
  const stage = (number: number, conv: string) => {
    const lrn = (bottom: string) =>
      layer(`norm${number}`, 'LRN', bottom, 'lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }');
    const pool = (bottom: string) =>
      layer(
        `pool${number}`,
        'Pooling',
        bottom,
        'pooling_param { pool: MAX kernel_size: 3 stride: 2 }',
      );
    return isPoolFirst ? pool(conv) + lrn(`pool${number}`) : lrn(conv) + pool(`norm${number}`);
  };
  const end = (number: number) => (isPoolFirst ? `norm${number}` : `pool${number}`);
  const hidden = (name: string, bottom: string) => {
    const number = name.slice(2);
    return (
      connected(name, bottom, 4096) +
      layer(`relu${number}`, 'ReLU', name, '', name) +
      layer(`drop${number}`, 'Dropout', name, 'dropout_param { dropout_ratio: 0.5 }', name)
    );
  };
  return [
    'name: "N" layer { name: "data" type: "Input" top: "data" input_param { shape: { dim: 10 dim: 3 dim: 227 dim: 227 } } }\n',
    convolution('conv1', 'data', 'num_output: 96 kernel_size: 11 stride: 4'),
    stage(1, 'conv1'),
    convolution('conv2', end(1), 'num_output: 256 pad: 2 kernel_size: 5 group: 2'),
    stage(2, 'conv2'),
    convolution('conv3', end(2), 'num_output: 384 pad: 1 kernel_size: 3'),
    convolution('conv4', 'conv3', 'num_output: 384 pad: 1 kernel_size: 3 group: 2'),
    convolution('conv5', 'conv4', 'num_output: 256 pad: 1 kernel_size: 3 group: 2'),
    layer('pool5', 'Pooling', 'conv5', 'pooling_param { pool: MAX kernel_size: 3 stride: 2 }'),
    hidden('fc6', 'pool5'),
    hidden('fc7', 'fc6'),
    connected('fc8', 'fc7', 1000),
    layer('prob', 'Softmax', 'fc8'),
  ].join('');
}

test.each([
  { preset: 'caffe-alexnet', isPoolFirst: false },
  { preset: 'caffenet', isPoolFirst: true },
])('the published network is the preset $preset', ({ preset, isPoolFirst }) => {
  const { graph } = prototxtToGraph(published(isPoolFirst));
  expect(recognizePreset(graph)?.preset).toBe(preset);
  expect(graph.nodes).toHaveLength(24);
  const weights = graph.parameters.reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  expect(weights).toBe(60_965_224);
});
