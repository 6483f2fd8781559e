// pytorch/vision torchvision/models/alexnet.py, after Krizhevsky 2014, "One weird trick", arXiv 1404.5997.
import { AlexNetError } from '../errors.ts';
import type { Graph } from '../graph.ts';
import type { LayerInitializers } from '../graph-builder.ts';
import { createGraphBuilder } from '../graph-builder.ts';
import { inferShapes } from '../infer-shapes.ts';
import { type Preset, type ResolvedOptions, shortSideResize } from './preset.ts';

/** PyTorch's default, Kaiming uniform with a = √5: weights and biases uniform in ±1 / √fan-in. */
function uniform(fanIn: number): LayerInitializers {
  const initializer = { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) } as const;
  return { weight: initializer, bias: initializer };
}

export const torchvision: Preset = {
  title: "torchvision's AlexNet",
  source: 'pytorch/vision torchvision/models/alexnet.py',
  defaults: {
    classes: 1000,
    inputSize: 224,
    channels: 3,
    groups: 1,
    widthMultiplier: 1,
    dropout: 0.5,
  },
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

/** Its adaptive average pool turns pool5 into 6×6 and does nothing to what is 6×6 already. */
const POOL5_SIZE = 6;

// Shapes at the line ends are those of the default options.
function build({
  classes,
  inputSize: size,
  channels,
  groups: group,
  dropout,
  width,
}: ResolvedOptions): Graph {
  const [w1, w2, w3, w4, w5, w6] = [64, 192, 384, 256, 256, 4096].map(width) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const features = createGraphBuilder('torchvision', [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: w1, kernel: 11, stride: 4, pads: 2, init: uniform(channels * 121) }) // [N, 64, 55, 55]
    .relu('relu1')
    .maxPool('pool1', { kernel: 3, stride: 2 }) // [N, 64, 27, 27]
    .conv('conv2', { channels: w2, kernel: 5, pads: 2, group, init: uniform((w1 / group) * 25) }) // [N, 192, 27, 27]
    .relu('relu2')
    .maxPool('pool2', { kernel: 3, stride: 2 }) // [N, 192, 13, 13]
    .conv('conv3', { channels: w3, kernel: 3, pads: 1, init: uniform(w2 * 9) }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: w4, kernel: 3, pads: 1, group, init: uniform((w3 / group) * 9) }) // [N, 256, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: w5, kernel: 3, pads: 1, group, init: uniform((w4 / group) * 9) }) // [N, 256, 13, 13]
    .relu('relu5')
    .maxPool('pool5', { kernel: 3, stride: 2 }); // [N, 256, 6, 6]
  checkPool5(features.build(), size);
  return features
    .flatten('flatten') // [N, 9216]
    .dropout('drop6', dropout)
    .gemm('fc6', { features: w6, init: uniform(w5 * POOL5_SIZE ** 2) }) // [N, 4096]
    .relu('relu6')
    .dropout('drop7', dropout)
    .gemm('fc7', { features: w6, init: uniform(w6) }) // [N, 4096]
    .relu('relu7')
    .gemm('fc8', { features: classes, init: uniform(w6) }) // [N, 1000]
    .build();
}

function checkPool5(features: Graph, size: number): void {
  const [, , height] = inferShapes(features).get(features.output) ?? [];
  if (height !== POOL5_SIZE) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `At an input size of ${size}, pool5 of torchvision is ${height}×${height}, and its adaptive average pool would have to make ${POOL5_SIZE}×${POOL5_SIZE} of it.`,
      hint: 'Use an input size from 223 to 254, or the preset "compact" for small pictures.',
      path: ['pool5'],
    });
  }
}
