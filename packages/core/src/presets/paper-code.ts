// The 2012 source, computerhistory/AlexNet-Source-Code layers/layers-145.cfg and layer-params-145.cfg: what really ran.
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { constant, normal } from '../initialize/initializer.ts';
import { addClassifier } from './classifier.ts';
import { CONV1_PADS, one, zero } from './paper.ts';
import { paperPreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';

/** `cmrnorm` with scale 1e-4, divided by its window of 5. Each layer sees the channels of its own tower only. */
const LRN = { size: 5, alpha: 1e-4 / 5, beta: 0.75, k: 2 } as const;

/** `rnorm` with scale 1e-3, divided by its window of 5×5 pixels of one map. */
const SPATIAL = { size: 5, alpha: 1e-3 / 25, beta: 0.75, k: 1 } as const;

/** Rounded up, as all of cuda-convnet. */
const POOL = { kernel: 3, stride: 2, ceilMode: true } as const;

/** initW = 0.03 from conv3 to conv5, 0.01 elsewhere; initB as in the text */
const wideZero = { weight: normal(0.03), bias: constant(0) } as const;
const wideOne = { weight: normal(0.03), bias: constant(1) } as const;

export const paperCode: Preset = {
  title: 'The network of the released 2012 source, which differs from the text',
  source: 'computerhistory/AlexNet-Source-Code layers/layers-145.cfg',
  defaults: { ...IMAGENET_DEFAULTS, groups: 2 },
  published: [
    {
      top1: 59.34,
      top5: 81.79,
      on: 'ILSVRC-2012 validation',
      source: 'notes in the 2012 source',
    },
  ],
  build,
  preprocessing: paperPreprocessing(224),
};

// Shapes at the line ends are those of the default options.
function build(options: ResolvedOptions): Graph {
  const { inputSize: size, channels, groups: group, width } = options;
  const lrn = { ...LRN, groups: group };
  const features = createGraphBuilder('paper-code', [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: width(96), kernel: 11, stride: 4, pads: CONV1_PADS, init: zero }) // [N, 96, 55, 55]
    .lrn('norm1', lrn)
    .maxPool('pool1', POOL) // [N, 96, 27, 27]
    .relu('relu1')
    .conv('conv2', { channels: width(256), kernel: 5, pads: 2, group, init: one }) // [N, 256, 27, 27]
    .relu('relu2')
    .lrn('norm2', lrn)
    .spatialLrn('cnorm2', SPATIAL)
    .maxPool('pool2', POOL) // [N, 256, 13, 13]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init: wideZero }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init: wideOne }) // [N, 384, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init: wideOne }) // [N, 256, 13, 13]
    .maxPool('pool5', POOL) // [N, 256, 6, 6]
    .relu('relu5');
  return addClassifier(features, options, { hidden: one, output: zero });
}
