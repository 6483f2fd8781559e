// Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks": the text.
import {
  createGraphBuilder,
  type GraphBuilder,
  type LayerInitializers,
  type LrnOptions,
  type PoolOptions,
  type WindowOptions,
} from '../graph/graph-builder.ts';
import { constant, normal } from '../initialize/initializer.ts';
import { addClassifier } from './classifier.ts';
import { paperPreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions, TEN_CROPS } from './preset.ts';

/** §3.3: k = 2, n = 5, α = 1e-4 (per element), β = 0.75 */
const LRN = { size: 5, alpha: 1e-4, beta: 0.75, k: 2 } as const;

/** §3.4: z = 3, s = 2. cuda-convnet rounds the number of windows up; at 224 pixels nothing is left to round. */
const POOL = { kernel: 3, stride: 2, ceilMode: true } as const;

/** cuda-convnet rounds conv1's number of windows up too; 224 pixels and these pads give the same 55. */
export const CONV1_PADS = [0, 0, 3, 3] as const;

/** §5: weights N(0, 0.01); biases 1 where it starts ReLUs off with positive inputs, else 0 */
export const zero: LayerInitializers = { weight: normal(0.01), bias: constant(0) };
export const one: LayerInitializers = { weight: normal(0.01), bias: constant(1) };

export const paper: Preset = {
  title: 'The network of the 2012 paper, as its text says',
  source: 'Krizhevsky et al. 2012, §3 and §5',
  defaults: { ...IMAGENET_DEFAULTS, groups: 2 },
  published: [
    { top1: 59.3, top5: 81.8, on: TEN_CROPS, source: 'Krizhevsky et al. 2012, table 2' },
    { top1: 62.5, top5: 83.0, on: 'ILSVRC-2010 test, 10 crops', source: 'the same, table 1' },
  ],
  build: (options) =>
    addClassifier(buildPaperStages('paper', options), options, { hidden: one, output: zero }),
  preprocessing: paperPreprocessing(224),
};

/**
 * The five convolutional layers, up to pool5. Shapes at the line ends are those of the default options.
 *
 * @param variant - what `ungrouped` does otherwise
 */
export function buildPaperStages(
  name: string,
  { inputSize: size, channels, groups: group, width }: ResolvedOptions,
  { conv1Pads: pads = CONV1_PADS, lrn = LRN, pool = POOL }: PaperVariant = {},
): GraphBuilder {
  return createGraphBuilder(name, [channels, size, size]) // [N, 3, 224, 224]
    .conv('conv1', { channels: width(96), kernel: 11, stride: 4, pads, init: zero }) // [N, 96, 55, 55]
    .relu('relu1')
    .lrn('norm1', lrn)
    .maxPool('pool1', pool) // [N, 96, 27, 27]
    .conv('conv2', { channels: width(256), kernel: 5, pads: 2, group, init: one }) // [N, 256, 27, 27]
    .relu('relu2')
    .lrn('norm2', lrn)
    .maxPool('pool2', pool) // [N, 256, 13, 13]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init: zero }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init: one }) // [N, 384, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init: one }) // [N, 256, 13, 13]
    .relu('relu5')
    .maxPool('pool5', pool); // [N, 256, 6, 6]
}

export interface PaperVariant {
  readonly conv1Pads?: WindowOptions['pads'];
  readonly lrn?: LrnOptions;
  readonly pool?: PoolOptions;
}
