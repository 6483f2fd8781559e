import { RESPONSE_NORMALIZATION } from '../tfjs/response-normalization.ts';
import { addActivation } from './activation.ts';
import type { ChainLayer } from './chain.ts';
import {
  damagedLayer,
  type KerasDraft,
  kerasInitialization,
  NO_PADS,
  type Pads,
  unsupportedLayer,
} from './graph-draft.ts';
import { addAveragePool, addGlobalPool, addMaxPool } from './pool-translations.ts';
import { needPlane, planWindow } from './window.ts';

/** Adds what a layer does to the draft. */
type Translation = (draft: KerasDraft, chained: ChainLayer) => void;

/** Momentum and epsilon that Keras has where a description leaves them out. */
const NORM_DEFAULTS = { momentum: 0.99, epsilon: 1e-3 } as const;

/** Layers that let everything through once a network is trained. */
const pass: Translation = () => {};

/** How each layer is written as nodes. */
export const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['Conv2D', addConv],
  ['Dense', addDense],
  ['Activation', (draft, chained) => addActivation(draft, chained, chained.layer.name)],
  ['ReLU', addRelu],
  ['Softmax', addSoftmax],
  ['MaxPooling2D', addMaxPool],
  ['AveragePooling2D', addAveragePool],
  ['GlobalAveragePooling2D', (draft, chained) => addGlobalPool(draft, chained, 'mean')],
  ['GlobalMaxPooling2D', (draft, chained) => addGlobalPool(draft, chained, 'max')],
  ['BatchNormalization', addNormalization],
  ['Dropout', addDropout],
  ['Flatten', addFlatten],
  ['Reshape', addReshape],
  ['ZeroPadding2D', addZeroPadding],
  ['TFOpLambda', addResponseNorm],
  [RESPONSE_NORMALIZATION, addResponseNorm],
  ['InputLayer', pass],
  ['Identity', pass],
  ['ActivityRegularization', pass],
  ['AlphaDropout', pass],
  ['GaussianDropout', pass],
  ['GaussianNoise', pass],
  ['SpatialDropout2D', pass],
  ['RandomBrightness', pass],
  ['RandomContrast', pass],
  ['RandomFlip', pass],
  ['RandomRotation', pass],
  ['RandomTranslation', pass],
  ['RandomZoom', pass],
]);

function addConv(draft: KerasDraft, chained: ChainLayer): void {
  const { attributes, name } = chained.layer;
  const [channels, H, W] = needPlane(draft, chained);
  const { filters, kernelSize, groups = 1, useBias = true } = attributes;
  if (!filters || !kernelSize)
    throw damagedLayer(chained, 'does not say its filters or their size');
  if ((attributes.dilationRate ?? [1]).some((rate) => rate !== 1)) {
    throw unsupportedLayer(chained, `has a dilation of ${attributes.dilationRate?.join('×')}`);
  }
  if (groups < 1 || channels % groups !== 0 || filters % groups !== 0) {
    throw damagedLayer(
      chained,
      `has ${groups} groups of ${channels} channels and ${filters} filters`,
    );
  }
  const window = planWindow(draft, chained, { kernel: kernelSize, size: [H, W] });
  const node = draft.nameNode(name);
  const { kernel, stride, pads, out } = window;
  draft.builder.conv(node, {
    channels: filters,
    kernel,
    stride,
    pads,
    group: groups,
    init: kerasInitialization,
  });
  draft.sources.push({ ...sourceOf(chained, node), kind: 'conv', useBias });
  advance(draft, [filters, ...out]);
  addActivation(draft, chained, `${name}_activation`);
}

function addDense(draft: KerasDraft, chained: ChainLayer): void {
  const { attributes, name } = chained.layer;
  const { units, useBias = true } = attributes;
  if (!units) throw damagedLayer(chained, 'does not say its units');
  const [features, ...others] = draft.shape;
  if (features === undefined || others.length > 0) {
    throw unsupportedLayer(chained, 'reads feature maps that are not flattened');
  }
  const node = draft.nameNode(name);
  draft.builder.gemm(node, { features: units, init: kerasInitialization });
  const { flattened } = draft;
  const source = { ...sourceOf(chained, node), kind: 'dense', useBias } as const;
  draft.sources.push(flattened ? { ...source, flattened } : source);
  draft.flattened = null;
  advance(draft, [units]);
  addActivation(draft, chained, `${name}_activation`);
}

function addRelu(draft: KerasDraft, chained: ChainLayer): void {
  const { maxValue, negativeSlope = 0, threshold = 0 } = chained.layer.attributes;
  if (negativeSlope !== 0 || threshold !== 0 || (maxValue !== undefined && maxValue !== null)) {
    throw unsupportedLayer(chained, 'has a slope, a threshold or a largest value');
  }
  draft.builder.relu(draft.nameNode(chained.layer.name));
  draft.isPositive = true;
}

function addSoftmax(draft: KerasDraft, chained: ChainLayer): void {
  const { axis = -1 } = chained.layer.attributes;
  if (draft.shape.length !== 1 || (axis !== -1 && axis !== 1)) {
    throw unsupportedLayer(chained, `is over axis ${axis}, not over the classes`);
  }
  draft.builder.softmax(draft.nameNode(chained.layer.name));
  draft.isPositive = true;
}

function addNormalization(draft: KerasDraft, chained: ChainLayer): void {
  const { attributes, name } = chained.layer;
  const { axis = -1, epsilon, momentum, center = true, scale = true, renorm } = attributes;
  checkNoPads(draft, chained);
  const isPlane = draft.shape.length === 3;
  const channelAxis = isPlane && draft.dataFormat === 'channels_last' ? 3 : 1;
  // Without a picture's axes behind it, the last axis is the channels' in either format.
  const isLast = axis === -1 && (!isPlane || channelAxis === 3);
  if (axis !== channelAxis && !isLast) {
    throw unsupportedLayer(chained, `normalises axis ${axis}, not the channels (${channelAxis})`);
  }
  if (renorm) throw unsupportedLayer(chained, 'renormalises');
  const node = draft.nameNode(name);
  const numbers = {
    epsilon: epsilon ?? NORM_DEFAULTS.epsilon,
    momentum: momentum ?? NORM_DEFAULTS.momentum,
  };
  draft.builder.batchNormalization(node, numbers);
  draft.sources.push({ ...sourceOf(chained, node), kind: 'norm', center, scale });
  draft.isPositive = false;
}

function addDropout(draft: KerasDraft, chained: ChainLayer): void {
  const { rate = 0 } = chained.layer.attributes;
  if (rate >= 1 || rate < 0) throw unsupportedLayer(chained, `drops a share of ${rate}`);
  draft.builder.dropout(draft.nameNode(chained.layer.name), rate);
}

function addFlatten(draft: KerasDraft, chained: ChainLayer): void {
  const { dataFormat = 'channels_last' } = chained.layer.attributes;
  // Told that the channels come first, Flatten moves them behind the pixels.
  const isCHW = draft.dataFormat === 'channels_first' && dataFormat === 'channels_last';
  flatten(draft, chained, isCHW ? 'CHW' : 'HWC');
}

function addReshape(draft: KerasDraft, chained: ChainLayer): void {
  const { targetShape = [] } = chained.layer.attributes;
  const [length, ...others] = targetShape;
  const size = draft.shape.reduce((product, axis) => product * axis, 1);
  if (others.length > 0 || (length !== -1 && length !== size)) {
    throw unsupportedLayer(
      chained,
      `makes [${targetShape.join(', ')}] of [${draft.shape.join(', ')}]`,
    );
  }
  flatten(draft, chained, draft.dataFormat === 'channels_first' ? 'CHW' : 'HWC');
}

function flatten(draft: KerasDraft, chained: ChainLayer, order: 'HWC' | 'CHW'): void {
  checkNoPads(draft, chained);
  if (draft.shape.length === 1) return;
  const [channels = 0, H = 0, W = 0] = draft.shape;
  draft.builder.flatten(draft.nameNode(chained.layer.name));
  draft.flattened = { channels, pixels: H * W, order };
  draft.shape = [channels * H * W];
}

function addZeroPadding(draft: KerasDraft, chained: ChainLayer): void {
  needPlane(draft, chained);
  const [[top, bottom], [left, right]] = chained.layer.attributes.border ?? [
    [1, 1],
    [1, 1],
  ];
  const [oldTop, oldLeft, oldBottom, oldRight] = draft.pads;
  const pads: Pads = [oldTop + top, oldLeft + left, oldBottom + bottom, oldRight + right];
  draft.pads = pads;
}

/** @see tf.nn.local_response_normalization: its defaults, alpha per element */
function addResponseNorm(draft: KerasDraft, chained: ChainLayer): void {
  needPlane(draft, chained);
  checkNoPads(draft, chained);
  if (draft.dataFormat !== 'channels_last') {
    throw unsupportedLayer(chained, 'normalises along the columns, not the channels');
  }
  const { depthRadius = 5, bias: k = 1, alpha = 1, beta = 0.5 } = chained.layer.attributes;
  const size = 2 * depthRadius + 1;
  draft.builder.lrn(draft.nameNode(chained.layer.name), { size, alpha, beta, k });
}

function checkNoPads(draft: KerasDraft, chained: ChainLayer): void {
  if (draft.pads.every((pad) => pad === 0)) return;
  throw unsupportedLayer(chained, 'reads zeros that a ZeroPadding2D put around its input');
}

/** Notes what a layer with a window or weights made. */
function advance(draft: KerasDraft, shape: readonly number[]): void {
  draft.shape = shape;
  draft.pads = NO_PADS;
  draft.isPositive = false;
}

function sourceOf({ layer, path }: ChainLayer, node: string) {
  const paths = layer.towers?.map((tower) => path.with(-1, tower)) ?? [path];
  return { node, paths, useBias: true, center: true, scale: true };
}
