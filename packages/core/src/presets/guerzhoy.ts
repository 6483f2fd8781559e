// guerzh/tf_weights myalexnet_forward.py as it really runs: Caffe's AlexNet, but conv1 padded SAME. Weights: bvlc_alexnet.npy.
import type { Graph } from '../graph/graph.ts';
import { buildCaffeStages, caffeInitializers } from './caffe-alexnet.ts';
import { exactResize, ones } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';
import { same } from './same.ts';

const { hidden, conv } = caffeInitializers(0.1);

export const guerzhoy: Preset = {
  title: "Caffe's AlexNet as guerzh/tf_weights runs it: conv1 padded, no dropout",
  source: 'guerzh/tf_weights myalexnet_forward.py',
  defaults: { ...IMAGENET_DEFAULTS, inputSize: 227, groups: 2, dropout: 0 },
  fixed: { dropout: 'this network has no dropout layers; "caffe-alexnet" has' },
  build,
  preprocessing: ({ inputSize, channels }) => ({
    resize: exactResize(inputSize),
    crop: null,
    channels: channels === 1 ? 'grey' : 'BGR',
    scale: 1,
    mean: 'picture',
    std: ones(channels),
  }),
};

function build(options: ResolvedOptions): Graph {
  const { classes, inputSize, width } = options;
  // Its comments say VALID, its code says SAME.
  const { pads } = same(inputSize, 11, 4); // [4, 4, 4, 4]
  // [N, 3, 227, 227] → conv1 [N, 96, 57, 57] → pool1 28 → pool2 13 → pool5
  return buildCaffeStages('guerzhoy', options, { conv1Pads: pads, pool: { kernel: 3, stride: 2 } }) // [N, 256, 6, 6]
    .flatten('flatten') // [N, 9216]
    .gemm('fc6', { features: width(4096), init: hidden }) // [N, 4096]
    .relu('relu6')
    .gemm('fc7', { features: width(4096), init: hidden }) // [N, 4096]
    .relu('relu7')
    .gemm('fc8', { features: classes, init: conv }) // [N, 1000]
    .build();
}
