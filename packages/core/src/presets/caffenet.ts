// BVLC/caffe models/bvlc_reference_caffenet/train_val.prototxt: "CaffeNet", which pools before it normalises.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { CAFFE_LRN, CAFFE_POOL, caffeInitializers } from './caffe-alexnet.ts';
import { addClassifier } from './classifier.ts';
import { caffePreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, ONE_CROP, type Preset, type ResolvedOptions } from './preset.ts';

const { conv, biasedConv, hidden } = caffeInitializers(1);

export const caffenet: Preset = {
  title: "Caffe's reference network: pooling comes before normalisation",
  source: 'BVLC/caffe models/bvlc_reference_caffenet',
  defaults: { ...IMAGENET_DEFAULTS, inputSize: 227, groups: 2 },
  published: [
    { top1: 57.4, top5: 80.4, on: ONE_CROP, source: 'BVLC/caffe models/bvlc_reference_caffenet' },
  ],
  build,
  preprocessing: caffePreprocessing,
};

// Shapes at the line ends are those of the default options.
function build(options: ResolvedOptions): Graph {
  const { inputSize: size, channels, groups: group, width } = options;
  const features = createGraphBuilder('caffenet', [channels, size, size]) // [N, 3, 227, 227]
    .conv('conv1', { channels: width(96), kernel: 11, stride: 4, init: conv }) // [N, 96, 55, 55]
    .relu('relu1')
    .maxPool('pool1', CAFFE_POOL) // [N, 96, 27, 27]
    .lrn('norm1', CAFFE_LRN)
    .conv('conv2', { channels: width(256), kernel: 5, pads: 2, group, init: biasedConv }) // [N, 256, 27, 27]
    .relu('relu2')
    .maxPool('pool2', CAFFE_POOL) // [N, 256, 13, 13]
    .lrn('norm2', CAFFE_LRN)
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init: conv }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init: biasedConv }) // [N, 384, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init: biasedConv }) // [N, 256, 13, 13]
    .relu('relu5')
    .maxPool('pool5', CAFFE_POOL); // [N, 256, 6, 6]
  return addClassifier(features, options, { hidden, output: conv });
}
