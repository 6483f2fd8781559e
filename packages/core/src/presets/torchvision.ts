// pytorch/vision torchvision/models/alexnet.py, after Krizhevsky 2014, "One weird trick", arXiv 1404.5997.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder, type LayerInitializers } from '../graph/graph-builder.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { type Fans, uniform } from '../initialize/initializer.ts';
import { shortSideResize } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, ONE_CROP, type Preset, type ResolvedOptions } from './preset.ts';

export const torchvision: Preset = {
  title: "torchvision's AlexNet",
  source: 'pytorch/vision torchvision/models/alexnet.py',
  defaults: IMAGENET_DEFAULTS,
  published: [
    { top1: 56.522, top5: 79.066, on: ONE_CROP, source: 'AlexNet_Weights.IMAGENET1K_V1' },
  ],
  build,
  preprocessing: ({ inputSize, channels }) => ({
    resize: shortSideResize(inputSize, 224, 256),
    crop: { height: inputSize, width: inputSize },
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: 1 / 255,
    mean: channels === 1 ? [0.449] : [0.485, 0.456, 0.406],
    std: channels === 1 ? [0.226] : [0.229, 0.224, 0.225],
  }),
};

/** PyTorch's default, Kaiming uniform with a = √5: weights and biases uniform in ±1 / √fan-in. */
function init({ fanIn }: Fans): LayerInitializers {
  const initializer = uniform(1 / Math.sqrt(fanIn));
  return { weight: initializer, bias: initializer };
}

const POOL = { kernel: 3, stride: 2 } as const;

// Shapes at the line ends are those of the default options.
function build({
  classes,
  inputSize: size,
  channels,
  groups: group,
  dropout,
  width,
}: ResolvedOptions): Graph {
  const features = createGraphBuilder('torchvision', [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: width(64), kernel: 11, stride: 4, pads: 2, init }) // [N, 64, 55, 55]
    .relu('relu1')
    .maxPool('pool1', POOL) // [N, 64, 27, 27]
    .conv('conv2', { channels: width(192), kernel: 5, pads: 2, group, init }) // [N, 192, 27, 27]
    .relu('relu2')
    .maxPool('pool2', POOL) // [N, 192, 13, 13]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(256), kernel: 3, pads: 1, group, init }) // [N, 256, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init }) // [N, 256, 13, 13]
    .relu('relu5')
    .maxPool('pool5', POOL); // [N, 256, 6, 6]
  // torchvision has this layer at any size; 6×6 it would leave as it is.
  if (sideOf(features.build()) !== 6) features.adaptiveAveragePool('avgpool', 6); // [N, 256, 6, 6]
  return features
    .flatten('flatten') // [N, 9216]
    .dropout('drop6', dropout)
    .gemm('fc6', { features: width(4096), init }) // [N, 4096]
    .relu('relu6')
    .dropout('drop7', dropout)
    .gemm('fc7', { features: width(4096), init }) // [N, 4096]
    .relu('relu7')
    .gemm('fc8', { features: classes, init }) // [N, 1000]
    .build();
}

function sideOf(features: Graph): number | undefined {
  return inferShapes(features).get(features.output)?.[2];
}
