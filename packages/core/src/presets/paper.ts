// Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks": the text.
import type { Graph } from '../graph.ts';
import { createGraphBuilder } from '../graph-builder.ts';
import { constant, normal, type Preset, type ResolvedOptions, shortSideResize } from './preset.ts';

/** §3.3: k = 2, n = 5, α = 1e-4 (per element), β = 0.75 */
const LRN = { size: 5, alpha: 1e-4, beta: 0.75, k: 2 } as const;

/** §5: weights N(0, 0.01); biases 1 where it starts ReLUs off with positive inputs, else 0 */
const weight = normal(0.01);
const zero = { weight, bias: constant(0) } as const;
const one = { weight, bias: constant(1) } as const;

/** cuda-convnet rounds the size of the output up; 224 pixels and padding [0, 0, 3, 3] give the same 55. */
const CONV1_PADS = [0, 0, 3, 3] as const;

export const paper: Preset = {
  title: 'The network of the 2012 paper, as its text says',
  source: 'Krizhevsky et al. 2012, §3 and §5',
  defaults: {
    classes: 1000,
    inputSize: 224,
    channels: 3,
    groups: 2,
    widthMultiplier: 1,
    dropout: 0.5,
  },
  build,
  preprocessing: ({ inputSize, channels }) => ({
    resize: shortSideResize(inputSize, 224, 256),
    crop: { height: inputSize, width: inputSize },
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: 1,
    // The paper subtracts the training set's mean image; these are ImageNet's means of its channels.
    mean: channels === 1 ? [117] : [122.679, 116.669, 104.007],
    std: channels === 1 ? [1] : [1, 1, 1],
  }),
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
  return createGraphBuilder('paper', [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: width(96), kernel: 11, stride: 4, pads: CONV1_PADS, init: zero }) // [N, 96, 55, 55]
    .relu('relu1')
    .lrn('norm1', LRN)
    .maxPool('pool1', { kernel: 3, stride: 2 }) // [N, 96, 27, 27]
    .conv('conv2', { channels: width(256), kernel: 5, pads: 2, group, init: one }) // [N, 256, 27, 27]
    .relu('relu2')
    .lrn('norm2', LRN)
    .maxPool('pool2', { kernel: 3, stride: 2 }) // [N, 256, 13, 13]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init: zero }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init: one }) // [N, 384, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init: one }) // [N, 256, 13, 13]
    .relu('relu5')
    .maxPool('pool5', { kernel: 3, stride: 2 }) // [N, 256, 6, 6]
    .flatten('flatten') // [N, 9216]
    .gemm('fc6', { features: width(4096), init: one }) // [N, 4096]
    .relu('relu6')
    .dropout('drop6', dropout)
    .gemm('fc7', { features: width(4096), init: one }) // [N, 4096]
    .relu('relu7')
    .dropout('drop7', dropout)
    .gemm('fc8', { features: classes, init: zero }) // [N, 1000]
    .build();
}
