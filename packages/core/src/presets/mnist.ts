// The 28×28 AlexNet of aymericdamien/TensorFlow-Examples (alexnet.py, 2015): three conv stages, LRN after the pools.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { normal } from '../initialize/initializer.ts';
import { unitPreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';
import { same } from './same.ts';

/** tf.nn.lrn(x, 4, bias=1, alpha=0.001 / 9, beta=0.75): a radius of 4 is a window of 9 */
const LRN = { size: 9, alpha: 0.001 / 9, beta: 0.75, k: 1 } as const;

/** As published: everything N(0, 1). The logits explode; `init: 'he'` is the default for a reason. */
const init = { weight: normal(1), bias: normal(1) } as const;

export const mnist: Preset = {
  title: 'AlexNet for 28×28 grey pictures (MNIST, Fashion-MNIST)',
  source: 'aymericdamien/TensorFlow-Examples alexnet.py',
  defaults: { ...IMAGENET_DEFAULTS, classes: 10, inputSize: 28, channels: 1, dropout: 0.2 },
  fixed: { groups: 'this network has no conv4 and conv5 to divide' },
  build,
  preprocessing: unitPreprocessing,
};

// Shapes at the line ends are those of the default options.
function build({ classes, inputSize: size, channels, dropout, width }: ResolvedOptions): Graph {
  const pool1 = Math.ceil(size / 2); // 14
  const pool2 = Math.ceil(pool1 / 2); // 7
  return createGraphBuilder('mnist', [channels, size, size]) // [N, 1, 28, 28]
    .conv('conv1', { channels: width(64), kernel: 3, pads: 1, init }) // [N, 64, 28, 28]
    .relu('relu1')
    .maxPool('pool1', same(size, 2, 2)) // [N, 64, 14, 14]
    .lrn('norm1', LRN)
    .dropout('drop1', dropout)
    .conv('conv2', { channels: width(128), kernel: 3, pads: 1, init }) // [N, 128, 14, 14]
    .relu('relu2')
    .maxPool('pool2', same(pool1, 2, 2)) // [N, 128, 7, 7]
    .lrn('norm2', LRN)
    .dropout('drop2', dropout)
    .conv('conv3', { channels: width(256), kernel: 3, pads: 1, init }) // [N, 256, 7, 7]
    .relu('relu3')
    .maxPool('pool3', same(pool2, 2, 2)) // [N, 256, 4, 4]
    .lrn('norm3', LRN)
    .dropout('drop3', dropout)
    .flatten('flatten') // [N, 4096]
    .gemm('fc6', { features: width(1024), init }) // [N, 1024]
    .relu('relu6')
    .gemm('fc7', { features: width(1024), init }) // [N, 1024]
    .relu('relu7')
    .gemm('fc8', { features: classes, init }) // [N, 10]
    .build();
}
