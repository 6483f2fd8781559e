// tflearn/tflearn examples/images/alexnet.py: Oxford's 17 flowers; pools before LRN, tanh in fc6 and fc7, all SAME.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder, type LayerInitializers } from '../graph/graph-builder.ts';
import { constant, type Fans, truncatedNormal, uniform } from '../initialize/initializer.ts';
import { unitPreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';
import { same } from './same.ts';

/** `local_response_normalization`'s defaults: depth_radius = 5 is a window of 11 */
const LRN = { size: 11, alpha: 1e-4, beta: 0.75, k: 1 } as const;

/** `uniform_scaling`, conv_2d's default: uniform in ±√(3 / fan-in) */
const init = ({ fanIn }: Fans): LayerInitializers => ({
  weight: uniform(Math.sqrt(3 / fanIn)),
  bias: constant(0),
});
/** `truncated_normal`, fully_connected's default */
const dense = { weight: truncatedNormal(0.02), bias: constant(0) } as const;

export const tflearn: Preset = {
  title: "tflearn's example for Oxford's 17 flowers, with tanh",
  source: 'tflearn/tflearn examples/images/alexnet.py',
  defaults: { ...IMAGENET_DEFAULTS, classes: 17, inputSize: 227 },
  build,
  preprocessing: unitPreprocessing,
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
  const conv1 = Math.ceil(size / 4); // 57
  const pool1 = Math.ceil(conv1 / 2); // 29
  const pool2 = Math.ceil(pool1 / 2); // 15
  return createGraphBuilder('tflearn', [channels, size, size]) // [N, 3, 227, 227]
    .conv('conv1', { channels: width(96), ...same(size, 11, 4), init }) // [N, 96, 57, 57]
    .relu('relu1')
    .maxPool('pool1', same(conv1, 3, 2)) // [N, 96, 29, 29]
    .lrn('norm1', LRN)
    .conv('conv2', { channels: width(256), kernel: 5, pads: 2, group, init }) // [N, 256, 29, 29]
    .relu('relu2')
    .maxPool('pool2', same(pool1, 3, 2)) // [N, 256, 15, 15]
    .lrn('norm2', LRN)
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init }) // [N, 384, 15, 15]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init }) // [N, 384, 15, 15]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init }) // [N, 256, 15, 15]
    .relu('relu5')
    .maxPool('pool5', same(pool2, 3, 2)) // [N, 256, 8, 8]
    .lrn('norm5', LRN)
    .flatten('flatten') // [N, 16384]
    .gemm('fc6', { features: width(4096), init: dense }) // [N, 4096]
    .tanh('tanh6')
    .dropout('drop6', dropout)
    .gemm('fc7', { features: width(4096), init: dense }) // [N, 4096]
    .tanh('tanh7')
    .dropout('drop7', dropout)
    .gemm('fc8', { features: classes, init: dense }) // [N, 17]
    .build();
}
