// BVLC/caffe models/bvlc_alexnet/train_val.prototxt: the network behind bvlc_alexnet.caffemodel.
import type { Graph } from '../graph/graph.ts';
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
import { caffePreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, ONE_CROP, type Preset, type ResolvedOptions } from './preset.ts';

/** Caffe writes alpha 1e-4 and divides it by the window of 5. */
export const CAFFE_LRN: LrnOptions = { size: 5, alpha: 1e-4 / 5, beta: 0.75, k: 1 };

/** Caffe rounds the number of windows up; at 227 pixels nothing is left to round, at 224 there is. */
export const CAFFE_POOL: PoolOptions = { kernel: 3, stride: 2, ceilMode: true };

const init = caffeInitializers(0.1);

export const caffeAlexNet: Preset = {
  title: "Caffe's AlexNet (BVLC), 227 pixels",
  source: 'BVLC/caffe models/bvlc_alexnet',
  defaults: { ...IMAGENET_DEFAULTS, inputSize: 227, groups: 2 },
  published: [{ top1: 57.1, top5: 80.2, on: ONE_CROP, source: 'BVLC/caffe models/bvlc_alexnet' }],
  build: (options) => buildCaffeAlexNet('caffe-alexnet', options),
  preprocessing: caffePreprocessing,
};

/** Also the topology of `mini` and, with a variant, of `onnx-zoo`. */
export function buildCaffeAlexNet(
  name: string,
  options: ResolvedOptions,
  variant?: CaffeVariant,
): Graph {
  const features = buildCaffeStages(name, options, variant);
  return addClassifier(features, options, { hidden: init.hidden, output: init.conv });
}

/**
 * The five convolutional layers, up to pool5. Shapes at the line ends are those of the default options.
 *
 * @param variant - what `guerzhoy` and `onnx-zoo` do otherwise
 */
export function buildCaffeStages(
  name: string,
  { inputSize: size, channels, groups: group, width }: ResolvedOptions,
  { conv1Pads: pads = 0, pool = CAFFE_POOL, pool5 = pool }: CaffeVariant = {},
): GraphBuilder {
  return createGraphBuilder(name, [channels, size, size]) // [N, 3, 227, 227]
    .conv('conv1', { channels: width(96), kernel: 11, stride: 4, pads, init: init.conv }) // [N, 96, 55, 55]
    .relu('relu1')
    .lrn('norm1', CAFFE_LRN)
    .maxPool('pool1', pool) // [N, 96, 27, 27]
    .conv('conv2', { channels: width(256), kernel: 5, pads: 2, group, init: init.biasedConv }) // [N, 256, 27, 27]
    .relu('relu2')
    .lrn('norm2', CAFFE_LRN)
    .maxPool('pool2', pool) // [N, 256, 13, 13]
    .conv('conv3', { channels: width(384), kernel: 3, pads: 1, init: init.conv }) // [N, 384, 13, 13]
    .relu('relu3')
    .conv('conv4', { channels: width(384), kernel: 3, pads: 1, group, init: init.biasedConv }) // [N, 384, 13, 13]
    .relu('relu4')
    .conv('conv5', { channels: width(256), kernel: 3, pads: 1, group, init: init.biasedConv }) // [N, 256, 13, 13]
    .relu('relu5')
    .maxPool('pool5', pool5); // [N, 256, 6, 6]
}

export interface CaffeVariant {
  readonly conv1Pads?: WindowOptions['pads'];
  readonly pool?: PoolOptions;
  readonly pool5?: PoolOptions;
}

/** Both of Caffe's networks but for the bias of conv2, conv4, conv5, fc6 and fc7: 0.1 here, 1 in `caffenet`. */
export function caffeInitializers(
  bias: number,
): Record<'conv' | 'biasedConv' | 'hidden', LayerInitializers> {
  return {
    conv: { weight: normal(0.01), bias: constant(0) },
    biasedConv: { weight: normal(0.01), bias: constant(bias) },
    hidden: { weight: normal(0.005), bias: constant(bias) },
  };
}
