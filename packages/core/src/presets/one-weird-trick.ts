// akrizhevsky/cuda-convnet2 layers/layers-imagenet-1gpu.cfg, with Krizhevsky 2014, "One weird trick", arXiv 1404.5997.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { constant, normal } from '../initialize/initializer.ts';
import { addClassifier } from './classifier.ts';
import { CONV1_PADS, one, zero } from './paper.ts';
import { paperPreprocessing } from './preprocessing.ts';
import {
  IMAGENET_DEFAULTS,
  ONE_CROP,
  type Preset,
  type ResolvedOptions,
  TEN_CROPS,
} from './preset.ts';

/** `cmrnorm` with scale 1e-4, divided by its window of 5; minDiv = 2 */
const LRN = { size: 5, alpha: 1e-4 / 5, beta: 0.75, k: 2 } as const;

/** Rounded up, as all of cuda-convnet. */
const POOL = { kernel: 3, stride: 2, ceilMode: true } as const;

/** initW = 0.03 from conv3 to conv5, 0.01 elsewhere; fc8 starts at −7, which softmax does not see */
const wideZero = { weight: normal(0.03), bias: constant(0) } as const;
const wideOne = { weight: normal(0.03), bias: constant(1) } as const;
const output = { weight: normal(0.01), bias: constant(-7) } as const;

export const oneWeirdTrick: Preset = {
  title: 'The one-GPU network of cuda-convnet2: narrower, without groups, with LRN',
  source: 'akrizhevsky/cuda-convnet2 layers/layers-imagenet-1gpu.cfg',
  defaults: IMAGENET_DEFAULTS,
  published: [
    { top1: 57.45, top5: 80.19, on: ONE_CROP, source: 'cuda-convnet2' },
    { top1: 59.58, top5: 81.85, on: TEN_CROPS, source: 'cuda-convnet2' },
  ],
  build,
  preprocessing: paperPreprocessing(224),
};

// Shapes at the line ends are those of the default options.
function build(options: ResolvedOptions): Graph {
  const { inputSize: size, channels, groups: group, width } = options;
  const features = createGraphBuilder('one-weird-trick', [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: width(64), kernel: 11, stride: 4, pads: CONV1_PADS, init: zero }) // [N, 64, 55, 55]
    .lrn('norm1', LRN)
    .maxPool('pool1', POOL) // [N, 64, 27, 27]
    .relu('relu1')
    .conv('conv2', { channels: width(192), kernel: 5, pads: 2, group, init: one }) // [N, 192, 27, 27]
    .relu('relu2')
    .lrn('norm2', LRN)
    .maxPool('pool2', POOL) // [N, 192, 13, 13]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init: wideZero }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(256), kernel: 3, pads: 1, group, init: wideOne }) // [N, 256, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init: wideOne }) // [N, 256, 13, 13]
    .maxPool('pool5', POOL) // [N, 256, 6, 6]
    .relu('relu5');
  return addClassifier(features, options, { hidden: one, output });
}
