import { AlexNetError, formatShape, type Shape, sizeOf } from '@alexnet/core';
import type { CaffeLayer } from './caffe-layer.ts';
import type { FieldReader } from './fields.ts';
import { fillerOf } from './filler.ts';
import {
  type DraftParameter,
  type DraftValue,
  describeLayer,
  type GraphDraft,
} from './graph-draft.ts';
import { checkOption, settingsOf, unsupported } from './layer-settings.ts';
import { NORM_REGIONS, POOL_METHODS, ROUND_MODES } from './schema.ts';
import { readPair, readSteps } from './window.ts';

/** Adds what a layer computes of its input, and returns the value that comes out. */
type Translation = (layer: CaffeLayer, input: DraftValue, draft: GraphDraft) => DraftValue;

/** Layers by Caffe's type. */
export const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['BatchNorm', addBatchNorm],
  ['Convolution', addConvolution],
  ['Dropout', addDropout],
  ['Flatten', addFlatten],
  ['InnerProduct', addInnerProduct],
  ['LRN', addLrn],
  ['Pooling', addPooling],
  ['ReLU', addRelu],
  ['Scale', addScale],
  ['Softmax', addSoftmax],
  ['TanH', addTanh],
]);

function addConvolution(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const settings = settingsOf(layer, 'convolution_param');
  checkOption(layer, settings, 'axis', 1);
  if (settings.integers('dilation', 0).some((length) => length > 1)) {
    throw unsupported(layer, 'has a dilation, holes between the pixels of its kernel');
  }
  const channels = settings.integer('num_output', 0, 1);
  const group = settings.integer('group', 1, 1);
  const [given = 0] = input.shape;
  if (given % group !== 0 || channels % group !== 0) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${describeLayer(layer)} has ${group} groups, but ${given} channels come in and ${channels} go out.`,
      hint: 'Both numbers of channels must divide by "group".',
      path: [layer.name],
    });
  }
  const kernelShape = readPair(layer, settings, {
    together: 'kernel_size',
    apart: 'kernel',
    least: 1,
  });
  const { strides, pads } = readSteps(layer, settings);
  const name = draft.nameNode(layer.name);
  const shape = [channels, given / group, ...kernelShape];
  return draft.add(
    {
      op: 'Conv',
      name,
      attributes: { kernelShape, strides, pads, group },
    },
    input,
    learnedBy(layer, name, shape, settings),
  );
}

function addInnerProduct(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const settings = settingsOf(layer, 'inner_product_param');
  checkOption(layer, settings, 'axis', 1);
  const features = settings.integer('num_output', 0, 1);
  const flat = flatten(input, draft);
  const name = draft.nameNode(layer.name);
  const parameters = learnedBy(layer, name, [features, sizeOf(flat.shape)], settings);
  return draft.add({ op: 'Gemm', name, attributes: {} }, flat, parameters);
}

/** Weight and bias; a bias that the layer does not have is 0. */
function learnedBy(
  layer: CaffeLayer,
  name: string,
  shape: Shape,
  settings: FieldReader,
): readonly DraftParameter[] {
  const outputs = shape.slice(0, 1);
  const hasBias = settings.boolean('bias_term', true);
  return [
    {
      name: `${name}.weight`,
      shape,
      source: { tensor: `${layer.name}/weight` },
      ...fillerOf(settings, 'weight_filler', shape),
    },
    {
      name: `${name}.bias`,
      shape: outputs,
      source: hasBias ? { tensor: `${layer.name}/bias` } : { fill: 0 },
      ...fillerOf(settings, 'bias_filler', outputs),
    },
  ];
}

/** The rows of pixels become one: fully connected layers do that by themselves in Caffe. */
function flatten(input: DraftValue, draft: GraphDraft): DraftValue {
  if (input.shape.length === 1) return input;
  return draft.add({ op: 'Flatten', name: draft.nameNode('flatten'), attributes: {} }, input);
}

function addFlatten(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const settings = settingsOf(layer, 'flatten_param');
  checkOption(layer, settings, 'axis', 1);
  checkOption(layer, settings, 'end_axis', -1);
  return draft.add({ op: 'Flatten', name: draft.nameNode(layer.name), attributes: {} }, input);
}

function addPooling(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const settings = settingsOf(layer, 'pooling_param');
  const method = settings.oneOf('pool', POOL_METHODS);
  if (method === 'STOCHASTIC') throw unsupported(layer, 'pools by chance (STOCHASTIC)');
  if (settings.integers('dilation', 0).some((length) => length > 1)) {
    throw unsupported(layer, 'has a dilation, holes between the pixels of its window');
  }
  const [, H = 1, W = 1] = input.shape;
  const isGlobal = settings.boolean('global_pooling', false);
  const kernelShape = isGlobal
    ? ([H, W] as const)
    : readPair(layer, settings, { together: 'kernel_size', apart: 'kernel', least: 1 });
  const { strides, pads } = readSteps(layer, settings);
  // `ceil_mode` is what some branches of Caffe call it.
  const ceilMode =
    settings.oneOf('round_mode', ROUND_MODES) === 'CEIL' && settings.boolean('ceil_mode', true);
  const attributes = { kernelShape, strides, pads, ceilMode } as const;
  if (ceilMode && pads.every((pad) => pad === 0))
    checkLastWindow(layer, [H, W], kernelShape, strides);
  const name = draft.nameNode(layer.name);
  return method === 'MAX'
    ? draft.add({ op: 'MaxPool', name, attributes }, input)
    : draft.add(
        { op: 'AveragePool', name, attributes: { ...attributes, countIncludePad: true } },
        input,
      );
}

/**
 * Without padding Caffe keeps a last window that starts behind the last pixel, and what it makes of that is
 * no number of the picture; all others drop it.
 */
function checkLastWindow(
  layer: CaffeLayer,
  size: readonly [number, number],
  kernel: readonly [number, number],
  stride: readonly [number, number],
): void {
  for (const axis of [0, 1] as const) {
    const last = Math.ceil((size[axis] - kernel[axis]) / stride[axis]) * stride[axis];
    if (last < size[axis]) continue;
    throw unsupported(
      layer,
      `has a window that begins at pixel ${last} of ${size[axis]}: in Caffe, its result means nothing`,
      'Its stride is larger than its window. Give it another input size, or "round_mode: FLOOR".',
    );
  }
}

/** Caffe divides alpha by the number of elements of the window. */
function addLrn(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const settings = settingsOf(layer, 'lrn_param');
  const size = settings.integer('local_size', 5, 1);
  if (size % 2 === 0) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${describeLayer(layer)} has an even window, local_size ${size}; Caffe takes odd ones.`,
      hint: 'AlexNet has 5.',
      path: [layer.name],
    });
  }
  const alpha = settings.number('alpha', 1);
  const beta = settings.number('beta', 0.75);
  const k = settings.number('k', 1);
  const name = draft.nameNode(layer.name);
  if (settings.oneOf('norm_region', NORM_REGIONS) === 'ACROSS_CHANNELS') {
    const attributes = { size, alpha: alpha / size, beta, k, groups: 1 };
    return draft.add({ op: 'LRN', name, attributes }, input);
  }
  // Caffe's has no k here: always 1.
  const attributes = { size, alpha: alpha / size ** 2, beta, k: 1 };
  return draft.add({ op: 'SpatialLRN', name, attributes }, input);
}

function addRelu(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const slope = settingsOf(layer, 'relu_param').number('negative_slope', 0);
  if (slope !== 0) throw unsupported(layer, `is a leaky ReLU, negative_slope ${slope}`);
  return draft.add({ op: 'Relu', name: draft.nameNode(layer.name), attributes: {} }, input);
}

function addTanh(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  return draft.add({ op: 'Tanh', name: draft.nameNode(layer.name), attributes: {} }, input);
}

function addDropout(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const ratio = settingsOf(layer, 'dropout_param').number('dropout_ratio', 0.5);
  if (!(ratio >= 0 && ratio < 1)) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${describeLayer(layer)} has dropout_ratio ${ratio}; it should be at least 0 and below 1.`,
      hint: 'It is the share that is set to zero in training.',
      path: [layer.name],
    });
  }
  return draft.add(
    { op: 'Dropout', name: draft.nameNode(layer.name), attributes: { ratio } },
    input,
  );
}

function addSoftmax(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  checkOption(layer, settingsOf(layer, 'softmax_param'), 'axis', 1);
  const [, H = 1, W = 1] = input.shape;
  if (H * W !== 1) {
    throw unsupported(layer, `reads ${formatShape(['N', ...input.shape])}, a map for each class`);
  }
  const flat = flatten(input, draft);
  return draft.add({ op: 'Softmax', name: draft.nameNode(layer.name), attributes: {} }, flat);
}

/** Shifts and divides by its statistics; a `Scale` behind it is part of the same node. */
function addBatchNorm(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const settings = settingsOf(layer, 'batch_norm_param');
  if (!settings.boolean('use_global_stats', true)) {
    throw unsupported(layer, 'normalises each batch by itself (use_global_stats: false)');
  }
  const shape = input.shape.slice(0, 1);
  const name = draft.nameNode(layer.name);
  const attributes = {
    epsilon: settings.number('eps', 1e-5),
    momentum: settings.number('moving_average_fraction', 0.999),
  };
  return draft.add({ op: 'BatchNormalization', name, attributes }, input, [
    { name: `${name}.scale`, shape, source: { fill: 1 } },
    { name: `${name}.bias`, shape, source: { fill: 0 } },
    { name: `${name}.mean`, shape, source: { tensor: `${layer.name}/mean` } },
    { name: `${name}.variance`, shape, source: { tensor: `${layer.name}/variance` } },
  ]);
}

/** Only right behind a `BatchNorm`: it becomes that one's scale and bias. */
function addScale(layer: CaffeLayer, input: DraftValue, draft: GraphDraft): DraftValue {
  const settings = settingsOf(layer, 'scale_param');
  checkOption(layer, settings, 'axis', 1);
  checkOption(layer, settings, 'num_axes', 1);
  const mean = draft.parameters.get(`${input.name}.mean`)?.source;
  const scale = draft.parameters.get(`${input.name}.scale`)?.source;
  const isLast = draft.nodes.at(-1)?.output === input.name;
  if (!mean || !('tensor' in mean) || !scale || 'tensor' in scale || !isLast) {
    throw unsupported(layer, 'scales what is not a BatchNorm right before it');
  }
  const owner = mean.tensor.replace(/\/mean$/, '');
  draft.replaceSource(`${input.name}.scale`, { tensor: `${owner}/scale` });
  if (settings.boolean('bias_term', false)) {
    draft.replaceSource(`${input.name}.bias`, { tensor: `${owner}/shift` });
  }
  return input;
}
