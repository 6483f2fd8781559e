// Krizhevsky et al. 2012, figure 1, which does not specify its net: cuda-convnet example-layers/layers-80sec.cfg, four layers.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { constant, normal } from '../initialize/initializer.ts';
import { exactResize, ones } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';

/** Rounded up, as all of cuda-convnet; an average counts pixels, never padding. */
const POOL = { kernel: 3, stride: 2, ceilMode: true } as const;

/** initW of the source; biases 0 */
const narrow = { weight: normal(0.0001), bias: constant(0) } as const;
const conv = { weight: normal(0.01), bias: constant(0) } as const;
const output = { weight: normal(0.1), bias: constant(0) } as const;

export const cifarRelu: Preset = {
  title: 'The four-layer net of figure 1 for CIFAR-10, with ReLU',
  source: 'Krizhevsky et al. 2012, figure 1 · cuda-convnet example-layers/layers-80sec.cfg',
  defaults: { ...IMAGENET_DEFAULTS, classes: 10, inputSize: 32, dropout: 0 },
  fixed: {
    groups: 'this network has no conv4 and conv5 to divide',
    dropout: 'this network has no dropout layers',
  },
  build: (options) => buildCifar('cifar-relu', 'relu', options),
  preprocessing: ({ inputSize, channels }) => ({
    resize: exactResize(inputSize),
    crop: null,
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: 1,
    // cuda-convnet subtracts the training set's mean picture; these are CIFAR-10's means of its channels.
    mean: channels === 1 ? [122.6] : [125.307, 122.95, 113.865],
    std: ones(channels),
  }),
};

/** The net with either activation. Shapes at the line ends are those of the default options. */
export function buildCifar(
  name: string,
  activation: 'relu' | 'tanh',
  { classes, inputSize: size, channels, width }: ResolvedOptions,
): Graph {
  return createGraphBuilder(name, [channels, size, size]) // [N, 3, 32, 32]
    .conv('conv1', { channels: width(32), kernel: 5, pads: 2, init: narrow }) // [N, 32, 32, 32]
    .maxPool('pool1', POOL) // [N, 32, 16, 16]
    [activation](`${activation}1`)
    .conv('conv2', { channels: width(32), kernel: 5, pads: 2, init: conv }) // [N, 32, 16, 16]
    [activation](`${activation}2`)
    .averagePool('pool2', POOL) // [N, 32, 8, 8]
    .conv('conv3', { channels: width(64), kernel: 5, pads: 2, init: conv }) // [N, 64, 8, 8]
    [activation](`${activation}3`)
    .averagePool('pool3', POOL) // [N, 64, 4, 4]
    .flatten('flatten') // [N, 1024]
    .gemm('fc4', { features: classes, init: output }) // [N, 10]
    .build();
}
