// BVLC/caffe models/bvlc_alexnet/train_val.prototxt: the network behind bvlc_alexnet.caffemodel.
import type { Graph } from '../graph.ts';
import { createGraphBuilder } from '../graph-builder.ts';
import { constant, normal, type Preset, type ResolvedOptions } from './preset.ts';

/** Caffe writes alpha 1e-4 and divides it by the window of 5. */
const LRN = { size: 5, alpha: 1e-4 / 5, beta: 0.75, k: 1 } as const;

const conv = { weight: normal(0.01), bias: constant(0) } as const;
const biasedConv = { weight: normal(0.01), bias: constant(0.1) } as const;
const hidden = { weight: normal(0.005), bias: constant(0.1) } as const;

export const caffeAlexNet: Preset = {
  title: "Caffe's AlexNet (BVLC), 227 pixels",
  source: 'BVLC/caffe models/bvlc_alexnet',
  defaults: {
    classes: 1000,
    inputSize: 227,
    channels: 3,
    groups: 2,
    widthMultiplier: 1,
    dropout: 0.5,
  },
  build: (options) => buildCaffeAlexNet('caffe-alexnet', options),
  preprocessing: ({ inputSize, channels }) => {
    const side = Math.round((inputSize * 256) / 227);
    return {
      resize: { mode: 'exact', height: side, width: side, filter: 'bilinear', antialias: false },
      crop: { height: inputSize, width: inputSize },
      channels: channels === 1 ? 'grey' : 'BGR',
      scale: 1,
      mean: channels === 1 ? [117] : [104, 117, 123],
      std: channels === 1 ? [1] : [1, 1, 1],
    };
  },
};

/** Also the topology of `mini`. Shapes at the line ends are those of the default options. */
export function buildCaffeAlexNet(
  name: string,
  { classes, inputSize: size, channels, groups: group, dropout, width }: ResolvedOptions,
): Graph {
  return createGraphBuilder(name, [channels, size, size]) // [N, 3, 227, 227]
    .conv('conv1', { channels: width(96), kernel: 11, stride: 4, init: conv }) // [N, 96, 55, 55]
    .relu('relu1')
    .lrn('norm1', LRN)
    .maxPool('pool1', { kernel: 3, stride: 2 }) // [N, 96, 27, 27]
    .conv('conv2', { channels: width(256), kernel: 5, pads: 2, group, init: biasedConv }) // [N, 256, 27, 27]
    .relu('relu2')
    .lrn('norm2', LRN)
    .maxPool('pool2', { kernel: 3, stride: 2 }) // [N, 256, 13, 13]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init: conv }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init: biasedConv }) // [N, 384, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init: biasedConv }) // [N, 256, 13, 13]
    .relu('relu5')
    .maxPool('pool5', { kernel: 3, stride: 2 }) // [N, 256, 6, 6]
    .flatten('flatten') // [N, 9216]
    .gemm('fc6', { features: width(4096), init: hidden }) // [N, 4096]
    .relu('relu6')
    .dropout('drop6', dropout)
    .gemm('fc7', { features: width(4096), init: hidden }) // [N, 4096]
    .relu('relu7')
    .dropout('drop7', dropout)
    .gemm('fc8', { features: classes, init: conv }) // [N, 1000]
    .build();
}
