// The 28×28 AlexNet of aymericdamien/TensorFlow-Examples (alexnet.py, 2015): three conv stages, LRN after the pools.
import type { Graph } from '../graph.ts';
import { createGraphBuilder } from '../graph-builder.ts';
import { normal, type Preset, type ResolvedOptions } from './preset.ts';

/** tf.nn.lrn(x, 4, bias=1, alpha=0.001 / 9, beta=0.75): a radius of 4 is a window of 9 */
const LRN = { size: 9, alpha: 0.001 / 9, beta: 0.75, k: 1 } as const;

/** As published: everything N(0, 1). The logits explode; `init: 'he'` is the default for a reason. */
const init = { weight: normal(1), bias: normal(1) } as const;

export const mnist: Preset = {
  title: 'AlexNet for 28×28 grey pictures (MNIST, Fashion-MNIST)',
  source: 'aymericdamien/TensorFlow-Examples alexnet.py',
  defaults: {
    classes: 10,
    inputSize: 28,
    channels: 1,
    groups: 1,
    widthMultiplier: 1,
    dropout: 0.2,
  },
  build,
  preprocessing: ({ inputSize, channels }) => ({
    resize: {
      mode: 'exact',
      height: inputSize,
      width: inputSize,
      filter: 'bilinear',
      antialias: true,
    },
    crop: null,
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: 1 / 255,
    mean: channels === 1 ? [0] : [0, 0, 0],
    std: channels === 1 ? [1] : [1, 1, 1],
  }),
};

// Shapes at the line ends are those of the default options.
function build({ classes, inputSize, channels, dropout, width }: ResolvedOptions): Graph {
  // TensorFlow's SAME for a window of 2 and a stride of 2: an odd side gets one more pixel at its end.
  const pool = (side: number) =>
    ({ kernel: 2, stride: 2, pads: [0, 0, side % 2, side % 2] }) as const;
  const [side1, side2, side3] = [inputSize, Math.ceil(inputSize / 2), Math.ceil(inputSize / 4)];
  return createGraphBuilder('mnist', [channels, inputSize, inputSize]) // [N, 1, 28, 28]
    .conv('conv1', { channels: width(64), kernel: 3, pads: 1, init }) // [N, 64, 28, 28]
    .relu('relu1')
    .maxPool('pool1', pool(side1)) // [N, 64, 14, 14]
    .lrn('norm1', LRN)
    .dropout('drop1', dropout)
    .conv('conv2', { channels: width(128), kernel: 3, pads: 1, init }) // [N, 128, 14, 14]
    .relu('relu2')
    .maxPool('pool2', pool(side2)) // [N, 128, 7, 7]
    .lrn('norm2', LRN)
    .dropout('drop2', dropout)
    .conv('conv3', { channels: width(256), kernel: 3, pads: 1, init }) // [N, 256, 7, 7]
    .relu('relu3')
    .maxPool('pool3', pool(side3)) // [N, 256, 4, 4]
    .lrn('norm3', LRN)
    .dropout('drop3', dropout)
    .flatten('flatten') // [N, 4096]
    .gemm('fc6', { features: width(1024), init }) // [N, 1024]
    .relu('relu6')
    .gemm('fc7', { features: width(1024), init }) // [N, 1024]
    .relu('relu7')
    .gemm('fc8', { features: classes, init }) // [N, 10]
    .build();
}
