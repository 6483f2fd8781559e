// tensorflow/models research/slim/nets/alexnet.py, `alexnet_v2`: One weird trick without LRN, VALID pads, conv4 wider.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder, type LayerInitializers } from '../graph/graph-builder.ts';
import { constant, type Fans, glorotUniform, truncatedNormal } from '../initialize/initializer.ts';
import { ones, shortSideResize } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';

/** slim's default for weights, and `alexnet_v2_arg_scope` for biases */
const init = (fans: Fans): LayerInitializers => ({
  weight: glorotUniform(fans),
  bias: constant(0.1),
});
const hidden = { weight: truncatedNormal(0.005), bias: constant(0.1) } as const;
const output = { weight: truncatedNormal(0.005), bias: constant(0) } as const;

const POOL = { kernel: 3, stride: 2 } as const;

export const slimV2: Preset = {
  title: "TF-slim's alexnet_v2: no LRN, smaller than it looks",
  source: 'tensorflow/models research/slim/nets/alexnet.py',
  defaults: IMAGENET_DEFAULTS,
  build,
  // slim names none for it; this is `vgg_preprocessing`, which its users take
  preprocessing: ({ inputSize, channels }) => ({
    resize: shortSideResize(inputSize, 224, 256),
    crop: { height: inputSize, width: inputSize },
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: 1,
    mean: channels === 1 ? [117] : [123.68, 116.78, 103.94],
    std: ones(channels),
  }),
};

// Shapes at the line ends are those of the default options. fc6, fc7 and fc8 are convolutions in the source, over
// 5×5 pixels and 1×1: the same numbers.
function build({
  classes,
  inputSize: size,
  channels,
  groups: group,
  dropout,
  width,
}: ResolvedOptions): Graph {
  return createGraphBuilder('slim-v2', [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: width(64), kernel: 11, stride: 4, init }) // [N, 64, 54, 54]
    .relu('relu1')
    .maxPool('pool1', POOL) // [N, 64, 26, 26]
    .conv('conv2', { channels: width(192), kernel: 5, pads: 2, group, init }) // [N, 192, 26, 26]
    .relu('relu2')
    .maxPool('pool2', POOL) // [N, 192, 12, 12]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init }) // [N, 384, 12, 12]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init }) // [N, 384, 12, 12]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init }) // [N, 256, 12, 12]
    .relu('relu5')
    .maxPool('pool5', POOL) // [N, 256, 5, 5]
    .flatten('flatten') // [N, 6400]
    .gemm('fc6', { features: width(4096), init: hidden }) // [N, 4096]
    .relu('relu6')
    .dropout('drop6', dropout)
    .gemm('fc7', { features: width(4096), init: hidden }) // [N, 4096]
    .relu('relu7')
    .dropout('drop7', dropout)
    .gemm('fc8', { features: classes, init: output }) // [N, 1000]
    .build();
}
