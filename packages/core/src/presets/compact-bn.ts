// Ours: `compact` with batch normalisation behind every convolution and one hidden layer of 512 in place of two of 1,024.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { constant, normal } from '../initialize/initializer.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';
import { torchvision } from './torchvision.ts';

const init = { weight: normal(0.01), bias: constant(0) } as const;
/** PyTorch's defaults. */
const BN = { epsilon: 1e-5, momentum: 0.9 } as const;
const POOL = { kernel: 3, stride: 2, pads: [0, 0, 1, 1] } as const;

export const compactBn: Preset = {
  title: 'compact with batch normalisation: learns more from a few hundred photos a class',
  source: 'this project',
  defaults: { ...IMAGENET_DEFAULTS, inputSize: 128 },
  build,
  preprocessing: torchvision.preprocessing,
};

// Shapes at the line ends are those of the default options.
function build({
  classes,
  inputSize: size,
  channels,
  groups: group,
  dropout,
  width,
}: ResolvedOptions): Graph {
  return createGraphBuilder('compact-bn', [channels, size, size]) // [N, 3, 128, 128]
    .conv('conv1', { channels: width(32), kernel: 11, stride: 4, pads: 5, init }) // [N, 32, 32, 32]
    .batchNormalization('bn1', BN)
    .relu('relu1')
    .maxPool('pool1', POOL) // [N, 32, 16, 16]
    .conv('conv2', { channels: width(96), kernel: 5, pads: 2, group, init }) // [N, 96, 16, 16]
    .batchNormalization('bn2', BN)
    .relu('relu2')
    .maxPool('pool2', POOL) // [N, 96, 8, 8]
    .conv('conv3', { channels: width(192), kernel: 3, pads: 1, init }) // [N, 192, 8, 8]
    .batchNormalization('bn3', BN)
    .relu('relu3')
    .conv('conv4', { channels: width(128), kernel: 3, pads: 1, group, init }) // [N, 128, 8, 8]
    .batchNormalization('bn4', BN)
    .relu('relu4')
    .conv('conv5', { channels: width(128), kernel: 3, pads: 1, group, init }) // [N, 128, 8, 8]
    .batchNormalization('bn5', BN)
    .relu('relu5')
    .maxPool('pool5', POOL) // [N, 128, 4, 4]
    .flatten('flatten') // [N, 2048]
    .dropout('drop6', dropout)
    .gemm('fc6', { features: width(512), init }) // [N, 512]
    .relu('relu6')
    .gemm('fc8', { features: classes, init }) // [N, classes]
    .build();
}
