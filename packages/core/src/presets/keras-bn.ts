// mydatahack.com, "Building AlexNet with Keras", and its many copies: batch normalisation, conv2 of 11×11, all VALID.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder, type LayerInitializers } from '../graph/graph-builder.ts';
import { constant, type Fans, glorotUniform } from '../initialize/initializer.ts';
import { unitPreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';

/** Keras's defaults */
const BN = { epsilon: 1e-3, momentum: 0.99 } as const;
const init = (fans: Fans): LayerInitializers => ({
  weight: glorotUniform(fans),
  bias: constant(0),
});

/** Not overlapping, unlike the paper's. */
const POOL = { kernel: 2, stride: 2 } as const;

export const kerasBn: Preset = {
  title: "The Keras version with batch normalisation, for Oxford's 17 flowers",
  source: 'mydatahack.com/building-alexnet-with-keras',
  defaults: { ...IMAGENET_DEFAULTS, classes: 17, dropout: 0.4 },
  build,
  preprocessing: unitPreprocessing,
};

// Shapes at the line ends are those of the default options. bn1 … bn8 stand behind the layer of that number; the
// classes come out of a ninth layer, fc9, because the thousand of ImageNet (fc8) are a hidden layer here.
function build({
  classes,
  inputSize: size,
  channels,
  groups: group,
  dropout,
  width,
}: ResolvedOptions): Graph {
  return createGraphBuilder('keras-bn', [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: width(96), kernel: 11, stride: 4, init }) // [N, 96, 54, 54]
    .relu('relu1')
    .maxPool('pool1', POOL) // [N, 96, 27, 27]
    .batchNormalization('bn1', BN)
    .conv('conv2', { channels: width(256), kernel: 11, group, init }) // [N, 256, 17, 17]
    .relu('relu2')
    .maxPool('pool2', POOL) // [N, 256, 8, 8]
    .batchNormalization('bn2', BN)
    .conv('conv3', { channels: width(384), kernel: 3, init }) // [N, 384, 6, 6]
    .relu('relu3')
    .batchNormalization('bn3', BN)
    .conv('conv4', { channels: width(384), kernel: 3, group, init }) // [N, 384, 4, 4]
    .relu('relu4')
    .batchNormalization('bn4', BN)
    .conv('conv5', { channels: width(256), kernel: 3, group, init }) // [N, 256, 2, 2]
    .relu('relu5')
    .maxPool('pool5', POOL) // [N, 256, 1, 1]
    .batchNormalization('bn5', BN)
    .flatten('flatten') // [N, 256]
    .gemm('fc6', { features: width(4096), init }) // [N, 4096]
    .relu('relu6')
    .dropout('drop6', dropout)
    .batchNormalization('bn6', BN)
    .gemm('fc7', { features: width(4096), init }) // [N, 4096]
    .relu('relu7')
    .dropout('drop7', dropout)
    .batchNormalization('bn7', BN)
    .gemm('fc8', { features: width(1000), init }) // [N, 1000]
    .relu('relu8')
    .dropout('drop8', dropout)
    .batchNormalization('bn8', BN)
    .gemm('fc9', { features: classes, init }) // [N, 17]
    .build();
}
