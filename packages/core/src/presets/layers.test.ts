import { describe, expect, test } from 'vitest';
import { summarize } from '../analysis/count.ts';
import type { Node } from '../graph/graph.ts';
import { createNetwork } from '../model/create-model.ts';
import { PRESET_IDS, type PresetId } from './index.ts';

// Every layer of every preset, written down from its source: the order, the window, the shape, what it learns and
// what it costs. The numbers come from the definitions of the layers in this file, not from the code.

interface Row {
  readonly name: string;
  readonly op: string;
  readonly detail: string;
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** A layer behind one that gives this shape. */
type Layer = (shape: readonly number[]) => Row;

/**
 * `out` kernels, each over `from` channels, that give `side`×`side` maps.
 *
 * @param window - "kernel/stride pads", pads once for all sides or as top,left,bottom,right; "×2" for two groups
 */
function conv(name: string, out: number, from: number, window: string, side: number): Layer {
  const kernel = Number.parseInt(window, 10);
  const weights = out * from * kernel * kernel;
  return () => ({
    name,
    op: 'Conv',
    detail: window,
    shape: [out, side, side],
    parameters: weights + out,
    multiplyAdds: weights * side * side,
  });
}

/** `out` × `from` weights and a bias for each output. */
function fc(name: string, out: number, from: number): Layer {
  const weights = out * from;
  return () => ({
    name,
    op: 'Gemm',
    detail: '',
    shape: [out],
    parameters: weights + out,
    multiplyAdds: weights,
  });
}

function pool(name: string, side: number, window = '3/2 0', op = 'MaxPool'): Layer {
  return ([channels = 0]) => ({
    ...free(name, op, window),
    shape: [channels, side, side],
  });
}

function free(name: string, op: string, detail = '') {
  return { name, op, detail, parameters: 0, multiplyAdds: 0 };
}

const relu =
  (name: string): Layer =>
  (shape) => ({ ...free(name, 'Relu'), shape });

const tanh =
  (name: string): Layer =>
  (shape) => ({ ...free(name, 'Tanh'), shape });

const drop =
  (name: string, ratio = 0.5): Layer =>
  (shape) => ({ ...free(name, 'Dropout', `${ratio}`), shape });

/** @param constants - window, alpha per element, beta, k */
const lrn =
  (name: string, constants: string, op = 'LRN'): Layer =>
  (shape) => ({ ...free(name, op, constants), shape });

/** Scale, bias, mean and variance for each channel. */
/** With Keras's constants unless others are given. */
const bn =
  (name: string, constants = 'eps 0.001 momentum 0.99'): Layer =>
  (shape) => ({
    ...free(name, 'BatchNormalization', constants),
    shape,
    parameters: 4 * (shape[0] ?? 0),
  });

/** PyTorch's, whose momentum is 1 less ours. */
const TORCH_BN = 'eps 0.00001 momentum 0.9';

const flatten =
  (features: number): Layer =>
  () => ({ ...free('flatten', 'Flatten'), shape: [features] });

/** fc6, fc7 and fc8 of 2012. */
const classifier = (features: number): Layer[] => [
  flatten(features),
  ...[fc('fc6', 4096, features), relu('relu6'), drop('drop6')],
  ...[fc('fc7', 4096, 4096), relu('relu7'), drop('drop7')],
  fc('fc8', 1000, 4096),
];

/** conv3, conv4 and conv5 with two towers, on maps of 13×13 or 12×12. */
const towers = (side: number): Layer[] => [
  ...[conv('conv3', 384, 256, '3/1 1', side), relu('relu3')],
  ...[conv('conv4', 384, 192, '3/1 1 ×2', side), relu('relu4')],
  conv('conv5', 256, 192, '3/1 1 ×2', side),
];

const PAPER_LRN = '5 0.0001 0.75 2';
const CAFFE_LRN = '5 0.00002 0.75 1';
const CODE_LRN = '5 0.00002 0.75 2';

const paperStages: Layer[] = [
  ...[conv('conv1', 96, 3, '11/4 0,0,3,3', 55), relu('relu1')],
  ...[lrn('norm1', PAPER_LRN), pool('pool1', 27)],
  ...[conv('conv2', 256, 48, '5/1 2 ×2', 27), relu('relu2')],
  ...[lrn('norm2', PAPER_LRN), pool('pool2', 13)],
  ...towers(13),
  ...[relu('relu5'), pool('pool5', 6)],
];

const caffeAlexNet: Layer[] = [
  ...[conv('conv1', 96, 3, '11/4 0', 55), relu('relu1'), lrn('norm1', CAFFE_LRN)],
  pool('pool1', 27),
  ...[conv('conv2', 256, 48, '5/1 2 ×2', 27), relu('relu2'), lrn('norm2', CAFFE_LRN)],
  pool('pool2', 13),
  ...[...towers(13), relu('relu5'), pool('pool5', 6)],
  ...classifier(9216),
];

const oneWeirdTrickConvs: Layer[] = [
  ...[conv('conv3', 384, 192, '3/1 1', 13), relu('relu3')],
  ...[conv('conv4', 256, 384, '3/1 1', 13), relu('relu4')],
  conv('conv5', 256, 256, '3/1 1', 13),
];

const cifar = (activation: (name: string) => Layer, prefix: string): Layer[] => [
  ...[conv('conv1', 32, 3, '5/1 2', 32), pool('pool1', 16, '3/2 0 ceil'), activation(`${prefix}1`)],
  ...[conv('conv2', 32, 32, '5/1 2', 16), activation(`${prefix}2`)],
  pool('pool2', 8, '3/2 0 ceil', 'AveragePool'),
  ...[conv('conv3', 64, 32, '5/1 2', 8), activation(`${prefix}3`)],
  pool('pool3', 4, '3/2 0 ceil', 'AveragePool'),
  ...[flatten(64 * 4 * 4), fc('fc4', 10, 1024)],
];

const LAYERS: Record<PresetId, readonly Layer[]> = {
  paper: [...paperStages, ...classifier(9216)],
  'paper-code': [
    ...[conv('conv1', 96, 3, '11/4 0,0,3,3', 55), lrn('norm1', `${CODE_LRN} groups 2`)],
    ...[pool('pool1', 27), relu('relu1')],
    ...[conv('conv2', 256, 48, '5/1 2 ×2', 27), relu('relu2')],
    ...[lrn('norm2', `${CODE_LRN} groups 2`), lrn('cnorm2', '5 0.00004 0.75 1', 'SpatialLRN')],
    pool('pool2', 13),
    ...[...towers(13), pool('pool5', 6), relu('relu5')],
    ...classifier(9216),
  ],
  'caffe-alexnet': caffeAlexNet,
  caffenet: [
    ...[conv('conv1', 96, 3, '11/4 0', 55), relu('relu1'), pool('pool1', 27)],
    lrn('norm1', CAFFE_LRN),
    ...[conv('conv2', 256, 48, '5/1 2 ×2', 27), relu('relu2'), pool('pool2', 13)],
    lrn('norm2', CAFFE_LRN),
    ...[...towers(13), relu('relu5'), pool('pool5', 6)],
    ...classifier(9216),
  ],
  // SAME: ceil(227 / 4) = 57, which takes (57 − 1) · 4 + 11 = 235 pixels, 8 more than there are
  guerzhoy: [
    ...[conv('conv1', 96, 3, '11/4 4', 57), relu('relu1'), lrn('norm1', CAFFE_LRN)],
    pool('pool1', 28),
    ...[conv('conv2', 256, 48, '5/1 2 ×2', 28), relu('relu2'), lrn('norm2', CAFFE_LRN)],
    pool('pool2', 13),
    ...[...towers(13), relu('relu5'), pool('pool5', 6), flatten(9216)],
    ...[fc('fc6', 4096, 9216), relu('relu6'), fc('fc7', 4096, 4096), relu('relu7')],
    fc('fc8', 1000, 4096),
  ],
  'onnx-zoo': [
    ...[conv('conv1', 96, 3, '11/4 0', 54), relu('relu1'), lrn('norm1', CAFFE_LRN)],
    pool('pool1', 26),
    ...[conv('conv2', 256, 48, '5/1 2 ×2', 26), relu('relu2'), lrn('norm2', CAFFE_LRN)],
    pool('pool2', 12),
    ...[...towers(12), relu('relu5'), pool('pool5', 6, '3/2 0,0,1,1')],
    ...classifier(9216),
  ],
  torchvision: [
    ...[conv('conv1', 64, 3, '11/4 2', 55), relu('relu1'), pool('pool1', 27)],
    ...[conv('conv2', 192, 64, '5/1 2', 27), relu('relu2'), pool('pool2', 13)],
    ...[...oneWeirdTrickConvs, relu('relu5'), pool('pool5', 6), flatten(9216)],
    ...[drop('drop6'), fc('fc6', 4096, 9216), relu('relu6')],
    ...[drop('drop7'), fc('fc7', 4096, 4096), relu('relu7'), fc('fc8', 1000, 4096)],
  ],
  'one-weird-trick': [
    ...[conv('conv1', 64, 3, '11/4 0,0,3,3', 55), lrn('norm1', CODE_LRN), pool('pool1', 27)],
    relu('relu1'),
    ...[conv('conv2', 192, 64, '5/1 2', 27), relu('relu2'), lrn('norm2', CODE_LRN)],
    pool('pool2', 13),
    ...[...oneWeirdTrickConvs, pool('pool5', 6), relu('relu5')],
    ...classifier(9216),
  ],
  ungrouped: [
    ...[conv('conv1', 96, 3, '11/4 0', 55), relu('relu1'), lrn('norm1', CODE_LRN)],
    pool('pool1', 27),
    ...[conv('conv2', 256, 96, '5/1 2', 27), relu('relu2'), lrn('norm2', CODE_LRN)],
    pool('pool2', 13),
    ...[conv('conv3', 384, 256, '3/1 1', 13), relu('relu3')],
    ...[conv('conv4', 384, 384, '3/1 1', 13), relu('relu4')],
    ...[conv('conv5', 256, 384, '3/1 1', 13), relu('relu5'), pool('pool5', 6)],
    ...classifier(9216),
  ],
  'slim-v2': [
    ...[conv('conv1', 64, 3, '11/4 0', 54), relu('relu1'), pool('pool1', 26)],
    ...[conv('conv2', 192, 64, '5/1 2', 26), relu('relu2'), pool('pool2', 12)],
    ...[conv('conv3', 384, 192, '3/1 1', 12), relu('relu3')],
    ...[conv('conv4', 384, 384, '3/1 1', 12), relu('relu4')],
    ...[conv('conv5', 256, 384, '3/1 1', 12), relu('relu5'), pool('pool5', 5)],
    ...classifier(256 * 5 * 5),
  ],
  // SAME pools: ceil(57 / 2) = 29, ceil(29 / 2) = 15, ceil(15 / 2) = 8, each one pixel short on both ends
  tflearn: [
    ...[conv('conv1', 96, 3, '11/4 4', 57), relu('relu1'), pool('pool1', 29, '3/2 1')],
    lrn('norm1', '11 0.0001 0.75 1'),
    ...[conv('conv2', 256, 96, '5/1 2', 29), relu('relu2'), pool('pool2', 15, '3/2 1')],
    lrn('norm2', '11 0.0001 0.75 1'),
    ...[conv('conv3', 384, 256, '3/1 1', 15), relu('relu3')],
    ...[conv('conv4', 384, 384, '3/1 1', 15), relu('relu4')],
    ...[conv('conv5', 256, 384, '3/1 1', 15), relu('relu5'), pool('pool5', 8, '3/2 1')],
    ...[lrn('norm5', '11 0.0001 0.75 1'), flatten(256 * 8 * 8)],
    ...[fc('fc6', 4096, 16384), tanh('tanh6'), drop('drop6')],
    ...[fc('fc7', 4096, 4096), tanh('tanh7'), drop('drop7'), fc('fc8', 17, 4096)],
  ],
  'keras-bn': [
    ...[conv('conv1', 96, 3, '11/4 0', 54), relu('relu1'), pool('pool1', 27, '2/2 0'), bn('bn1')],
    ...[conv('conv2', 256, 96, '11/1 0', 17), relu('relu2'), pool('pool2', 8, '2/2 0'), bn('bn2')],
    ...[conv('conv3', 384, 256, '3/1 0', 6), relu('relu3'), bn('bn3')],
    ...[conv('conv4', 384, 384, '3/1 0', 4), relu('relu4'), bn('bn4')],
    ...[conv('conv5', 256, 384, '3/1 0', 2), relu('relu5'), pool('pool5', 1, '2/2 0'), bn('bn5')],
    flatten(256),
    ...[fc('fc6', 4096, 256), relu('relu6'), drop('drop6', 0.4), bn('bn6')],
    ...[fc('fc7', 4096, 4096), relu('relu7'), drop('drop7', 0.4), bn('bn7')],
    ...[fc('fc8', 1000, 4096), relu('relu8'), drop('drop8', 0.4), bn('bn8')],
    fc('fc9', 17, 1000),
  ],
  // SAME pools of 2/2: 28 and 14 are even, 7 is one pixel short
  mnist: [
    ...[conv('conv1', 64, 1, '3/1 1', 28), relu('relu1'), pool('pool1', 14, '2/2 0')],
    ...[lrn('norm1', '9 0.00011111 0.75 1'), drop('drop1', 0.2)],
    ...[conv('conv2', 128, 64, '3/1 1', 14), relu('relu2'), pool('pool2', 7, '2/2 0')],
    ...[lrn('norm2', '9 0.00011111 0.75 1'), drop('drop2', 0.2)],
    ...[conv('conv3', 256, 128, '3/1 1', 7), relu('relu3'), pool('pool3', 4, '2/2 0,0,1,1')],
    ...[lrn('norm3', '9 0.00011111 0.75 1'), drop('drop3', 0.2), flatten(256 * 4 * 4)],
    ...[fc('fc6', 1024, 4096), relu('relu6'), fc('fc7', 1024, 1024), relu('relu7')],
    fc('fc8', 10, 1024),
  ],
  'extra-conv': [
    ...[...paperStages, conv('conv6', 256, 256, '3/1 1', 6), relu('conv6-relu')],
    ...classifier(9216),
  ],
  'cifar-relu': cifar(relu, 'relu'),
  'cifar-tanh': cifar(tanh, 'tanh'),
  // (128 + 2 · 5 − 11) / 4 = 31.75: 32 windows
  compact: [
    ...[conv('conv1', 32, 3, '11/4 5', 32), relu('relu1'), pool('pool1', 16, '3/2 0,0,1,1')],
    ...[conv('conv2', 96, 32, '5/1 2', 16), relu('relu2'), pool('pool2', 8, '3/2 0,0,1,1')],
    ...[conv('conv3', 192, 96, '3/1 1', 8), relu('relu3')],
    ...[conv('conv4', 128, 192, '3/1 1', 8), relu('relu4')],
    ...[conv('conv5', 128, 128, '3/1 1', 8), relu('relu5'), pool('pool5', 4, '3/2 0,0,1,1')],
    ...[flatten(128 * 4 * 4), drop('drop6'), fc('fc6', 1024, 2048), relu('relu6')],
    ...[drop('drop7'), fc('fc7', 1024, 1024), relu('relu7'), fc('fc8', 1000, 1024)],
  ],
  'compact-bn': [
    ...[
      conv('conv1', 32, 3, '11/4 5', 32),
      bn('bn1', TORCH_BN),
      relu('relu1'),
      pool('pool1', 16, '3/2 0,0,1,1'),
    ],
    ...[
      conv('conv2', 96, 32, '5/1 2', 16),
      bn('bn2', TORCH_BN),
      relu('relu2'),
      pool('pool2', 8, '3/2 0,0,1,1'),
    ],
    ...[conv('conv3', 192, 96, '3/1 1', 8), bn('bn3', TORCH_BN), relu('relu3')],
    ...[conv('conv4', 128, 192, '3/1 1', 8), bn('bn4', TORCH_BN), relu('relu4')],
    ...[
      conv('conv5', 128, 128, '3/1 1', 8),
      bn('bn5', TORCH_BN),
      relu('relu5'),
      pool('pool5', 4, '3/2 0,0,1,1'),
    ],
    ...[
      flatten(128 * 4 * 4),
      drop('drop6'),
      fc('fc6', 512, 2048),
      relu('relu6'),
      fc('fc8', 1000, 512),
    ],
  ],
  mini: [
    ...[conv('conv1', 6, 3, '11/4 0', 55), relu('relu1'), lrn('norm1', CAFFE_LRN)],
    pool('pool1', 27),
    ...[conv('conv2', 16, 3, '5/1 2 ×2', 27), relu('relu2'), lrn('norm2', CAFFE_LRN)],
    pool('pool2', 13),
    ...[conv('conv3', 24, 16, '3/1 1', 13), relu('relu3')],
    ...[conv('conv4', 24, 12, '3/1 1 ×2', 13), relu('relu4')],
    ...[conv('conv5', 16, 12, '3/1 1 ×2', 13), relu('relu5'), pool('pool5', 6), flatten(576)],
    ...[fc('fc6', 256, 576), relu('relu6'), drop('drop6')],
    ...[fc('fc7', 256, 256), relu('relu7'), drop('drop7'), fc('fc8', 10, 256)],
  ],
};

/** What shapes and counts do not show, as the tables above write it. */
function detailOf(node: Node): string {
  switch (node.op) {
    case 'Conv':
      return `${windowOf(node)}${node.attributes.group === 1 ? '' : ` ×${node.attributes.group}`}`;
    case 'MaxPool':
      return `${windowOf(node)}${node.attributes.ceilMode ? ' ceil' : ''}`;
    case 'AveragePool':
      return `${windowOf(node)}${node.attributes.ceilMode ? ' ceil' : ''}${node.attributes.countIncludePad ? ' with pads' : ''}`;
    case 'LRN':
      return `${constantsOf(node)}${node.attributes.groups === 1 ? '' : ` groups ${node.attributes.groups}`}`;
    case 'SpatialLRN':
      return constantsOf(node);
    case 'BatchNormalization':
      return `eps ${node.attributes.epsilon} momentum ${node.attributes.momentum}`;
    case 'Dropout':
      return `${node.attributes.ratio}`;
    default:
      return '';
  }
}

function windowOf({ attributes }: Extract<Node, { attributes: { pads: unknown } }>): string {
  const { kernelShape, strides, pads } = attributes;
  expect(kernelShape[0]).toBe(kernelShape[1]);
  expect(strides[0]).toBe(strides[1]);
  const isEven = pads.every((pad) => pad === pads[0]);
  return `${kernelShape[0]}/${strides[0]} ${isEven ? pads[0] : pads}`;
}

function constantsOf({ attributes }: Extract<Node, { attributes: { alpha: number } }>): string {
  const { size, alpha, beta, k } = attributes;
  return `${size} ${alpha.toFixed(8).replace(/0+$/, '')} ${beta} ${k}`;
}

describe('every layer, in its order', () => {
  test.each(PRESET_IDS)('%s', (id) => {
    const { graph } = createNetwork(id);
    const expected: Row[] = [];
    for (const layer of LAYERS[id]) expected.push(layer(expected.at(-1)?.shape ?? []));
    const { layers } = summarize(graph);
    const actual = layers.map(
      ({ name, op, outputShape, parameters, multiplyAdds }, index): Row => ({
        name,
        op,
        detail: detailOf(graph.nodes[index] as Node),
        shape: outputShape.slice(1),
        parameters,
        multiplyAdds,
      }),
    );
    expect(actual).toEqual(expected);
  });
});

// As published or counted elsewhere; millions of multiply-adds for one picture.
describe('the totals', () => {
  test.each<[PresetId, number, number]>([
    ['paper', 60_965_224, 724],
    ['paper-code', 60_965_224, 724],
    ['caffe-alexnet', 60_965_224, 724],
    ['caffenet', 60_965_224, 724],
    ['guerzhoy', 60_965_224, 749],
    ['onnx-zoo', 60_965_224, 655],
    ['torchvision', 61_100_840, 714],
    ['one-weird-trick', 61_100_840, 714],
    ['ungrouped', 62_378_344, 1135],
    ['slim-v2', 50_303_912, 737],
    ['tflearn', 87_711_121, 1411],
    ['keras-bn', 28_096_769, 1040],
    ['mnist', 5_624_842, 35],
    // The paper's, and 256 · 256 · 3 · 3 weights that run at 6 · 6 places, and 256 biases
    ['extra-conv', 60_965_224 + 589_824 + 256, 724.406 + 21.234],
    // 32 · 75 + 32, 32 · 800 + 32, 64 · 800 + 64, 10 · 1024 + 10
    ['cifar-relu', 2_432 + 25_632 + 51_264 + 10_250, 2.458 + 6.554 + 3.277 + 0.01],
    ['cifar-tanh', 2_432 + 25_632 + 51_264 + 10_250, 2.458 + 6.554 + 3.277 + 0.01],
  ])('of %s: %i parameters, %d M', (id, parameters, millions) => {
    const summary = summarize(createNetwork(id).graph);
    expect(summary.parameters).toBe(parameters);
    expect(Math.round(summary.multiplyAdds / 1e6)).toBe(Math.round(millions));
  });
});
