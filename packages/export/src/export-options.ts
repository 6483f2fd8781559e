import { AlexNetError } from '@alexnet/core';
import { type About, checkAbout } from './about.ts';
import { DEFAULT_IR_VERSION, DEFAULT_OPSET } from './builder.ts';
import type { Embedding } from './embed/add-preprocessing.ts';
import type { OutputKind } from './graph-ends.ts';
import type { FloatType } from './half-precision.ts';
import { COMPUTE_TYPES, type ComputeType, WEIGHT_TYPES, type WeightType } from './precision.ts';
import type { Ranges } from './quantize/range.ts';

export interface ExportOptions {
  /** What the model gives, and the names of its outputs; `logits` by default. */
  readonly output?: OutputKind;
  /** Layers whose values are outputs too, under the layers' names. */
  readonly features?: readonly string[];
  /** Pictures of a run: any number (`dynamic`, the default), or this many. */
  readonly batch?: 'dynamic' | number;
  /**
   * Local response normalisation as ONNX's own operator (`native`, the default), or as a convolution over the
   * channels: equal to 1e-6, and made of what WebGPU in browsers has.
   */
  readonly lrn?: 'native' | 'conv';
  /**
   * Convolutions as ONNX's own operator (`direct`, the default), or those that gain by it through the Fourier transform
   * of the maps (`fourier`): two thirds of the time for 32 pictures at once on a CPU, more than direct for one, and
   * gigabytes of memory for a full AlexNet. A form for a session, not for a file: {@link importOnnx} does not read it.
   */
  readonly convolutions?: ConvolutionForm;
  /**
   * What the network computes in: `float32`, the default; `float16`, its weights in halves too; `int8`, convolutions and
   * fully connected layers in integers, by `ranges`. Sums of squares, batch normalisation and softmax are in float32 all
   * the same.
   */
  readonly dtype?: ComputeType;
  /** With `dtype: 'int8'`: between what the values lie that {@link listRangedValues} names, measured on pictures. */
  readonly ranges?: Ranges;
  /** With `dtype: 'int8'`: layers that compute in float32 all the same, the first and the last for example. */
  readonly floatLayers?: readonly string[];
  /** Type of input and outputs where `dtype` is `float16`: float32, unless asked for otherwise. */
  readonly io?: FloatType;
  /**
   * What weights are kept in where the network computes in float32: `float32`, the default; `float16`, half the size;
   * `int8` with a scale for each output channel, a quarter of it.
   */
  readonly weights?: WeightType;
  /**
   * What of the preprocessing the file does itself, so that its input is bytes, uint8 [N, H, W, 3], red first:
   * `preprocessing`, all behind the crop; `resize`, of pictures of any size, the resize and the crop as well (operator
   * set 18 or later). Nothing (`none`) by default.
   */
  readonly embed?: 'none' | Embedding;
  /** Version of ONNX's operators, 13 to 26; 20 by default, the newest that onnxruntime 1.17 of early 2024 reads. */
  readonly opset?: number;
  /** Version of the file format, 4 to 13; by default that of the release of ONNX which brought the operators. */
  readonly irVersion?: number;
  /** Name, author, licence, version: what viewers show. */
  readonly about?: About;
}

export type ConvolutionForm = 'direct' | 'fourier';

export type CompleteOptions = Required<ExportOptions>;

const OUTPUTS = ['logits', 'probabilities', 'both'] as const;
const IO_TYPES = ['float32', 'float16'] as const;
const EMBEDDINGS = ['none', 'preprocessing', 'resize'] as const;
const LRN_FORMS = ['native', 'conv'] as const;
const CONVOLUTION_FORMS = ['direct', 'fourier'] as const;

/** More pictures than fit into any memory; a number beyond is a slip. */
const MAX_BATCH = 65_536;

/**
 * File format of the release of ONNX that brought an operator set. The last is the newest that onnxruntime 1.30 reads;
 * the first has all operators in the form in which they are written here.
 *
 * @see onnx/helper.py of onnx 1.23, VERSION_TABLE
 */
const IR_VERSIONS: ReadonlyMap<number, number> = new Map([
  ...[13, 14].map((opset) => [opset, 7] as const),
  ...[15, 16, 17, 18].map((opset) => [opset, 8] as const),
  ...[19, DEFAULT_OPSET].map((opset) => [opset, DEFAULT_IR_VERSION] as const),
  ...[21, 22].map((opset) => [opset, 10] as const),
  [23, 11],
  [24, 12],
  ...[25, 26].map((opset) => [opset, 13] as const),
]);

/** The first whose Resize widens its filter when it shrinks, and takes single axes. */
const OLDEST_RESIZE = 18;

/** The first in which weights need not be inputs as well. */
const OLDEST_IR_VERSION = 4;
const NEWEST_IR_VERSION = Math.max(...IR_VERSIONS.values());

/** @throws AlexNetError `INVALID_ARGUMENT` naming an option and what it can be */
export function completeOptions(options: ExportOptions): CompleteOptions {
  const { output = 'logits', features = [], batch = 'dynamic' } = options;
  const { lrn = 'native', convolutions = 'direct' } = options;
  const { dtype = 'float32', io = 'float32', weights = dtype } = options;
  const { ranges = new Map(), floatLayers = [] } = options;
  const { embed = 'none', opset = DEFAULT_OPSET, about = {} } = options;
  checkChoice('output', output, OUTPUTS);
  checkChoice('lrn', lrn, LRN_FORMS);
  checkChoice('convolutions', convolutions, CONVOLUTION_FORMS);
  checkChoice('dtype', dtype, COMPUTE_TYPES);
  checkChoice('io', io, IO_TYPES);
  checkChoice('weights', weights, WEIGHT_TYPES);
  checkChoice('embed', embed, EMBEDDINGS);
  checkPrecision({ dtype, io, weights, ranges, floatLayers });
  if (convolutions === 'fourier' && dtype !== 'float32') {
    throw contradiction(
      `convolutions is "fourier", but the network computes in ${dtype}.`,
      'The transform needs float32: leave one of them out.',
    );
  }
  if (batch !== 'dynamic') checkRange('batch', batch, [1, MAX_BATCH]);
  const opsets = [...IR_VERSIONS.keys()];
  checkRange('opset', opset, [Math.min(...opsets), Math.max(...opsets)]);
  const irVersion = options.irVersion ?? IR_VERSIONS.get(opset) ?? DEFAULT_IR_VERSION;
  checkRange('irVersion', irVersion, [OLDEST_IR_VERSION, NEWEST_IR_VERSION]);
  if (embed === 'resize') checkRange('opset', opset, [OLDEST_RESIZE, Math.max(...opsets)]);
  checkAbout(about);
  return {
    output,
    features,
    batch,
    lrn,
    convolutions,
    dtype,
    ranges,
    floatLayers,
    io,
    weights,
    embed,
    opset,
    irVersion,
    about,
  };
}

function checkPrecision({
  dtype,
  io,
  weights,
  ranges,
  floatLayers,
}: Pick<CompleteOptions, 'dtype' | 'io' | 'weights' | 'ranges' | 'floatLayers'>): void {
  if (dtype !== 'float32' && weights !== dtype) {
    throw contradiction(
      `weights is "${weights}", but dtype "${dtype}" has its weights in ${dtype} as well.`,
      'Leave weights out: it says what a float32 network is kept in.',
    );
  }
  if (dtype !== 'float16' && io !== 'float32') {
    throw contradiction(
      `io is "${io}", but the network computes in ${dtype}.`,
      'Set dtype to "float16" as well, or leave io out.',
    );
  }
  if (dtype !== 'int8' && (ranges.size > 0 || floatLayers.length > 0)) {
    throw contradiction(
      `${ranges.size > 0 ? 'ranges' : 'floatLayers'} are given, but the network computes in ${dtype}.`,
      'Set dtype to "int8" as well, or leave them out.',
    );
  }
}

function contradiction(message: string, hint: string): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', { message, hint, path: ['dtype'] });
}

function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${option} is ${JSON.stringify(value)}.`,
    hint: `It can be ${choices.map((choice) => `"${choice}"`).join(', ')}.`,
    path: [option],
  });
}

function checkRange(
  option: string,
  value: number,
  [least, most]: readonly [least: number, most: number],
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${option} is ${value}.`,
    hint: `It can be a whole number from ${least} to ${most}.`,
    path: [option],
  });
}
