import type { Node, NodeOf, OpName } from '@alexnet/core';
import type { LayerContext } from './layer-context.ts';
import { RESPONSE_NORMALIZATION } from './response-normalization.ts';
import { unwritable } from './unwritable.ts';
import { writeConv } from './write-conv.ts';
import { padAveragePool, padMaxPool } from './write-window.ts';

/** Adds the layers of a node, the last of which has its name; none where it does nothing. */
type LayerWriter<Op extends Node> = (node: Op, context: LayerContext) => void;

const writers: { readonly [Op in OpName]: LayerWriter<NodeOf<Op>> } = {
  AdaptiveAveragePool: writeAdaptivePool,
  AveragePool: (node, context) =>
    writePool(node, 'AveragePooling2D', padAveragePool(node, padded(context)), context),
  BatchNormalization: writeNormalization,
  Conv: writeConv,
  Dropout: ({ name, attributes }, { draft, input }) => {
    draft.add(name, 'Dropout', { config: { rate: attributes.ratio }, inputs: [input] });
  },
  Flatten: ({ name }, { draft, input }) => {
    draft.add(name, 'Flatten', { config: { data_format: 'channels_last' }, inputs: [input] });
  },
  Gemm: writeDense,
  LRN: writeResponseNormalization,
  MaxPool: (node, context) =>
    writePool(node, 'MaxPooling2D', padMaxPool(node, padded(context)), context),
  Relu: (node, context) => writeActivation(node, 'relu', context),
  Softmax: (node, context) => writeActivation(node, 'softmax', context),
  SpatialLRN: ({ name }) => {
    throw unwritable(name, 'is a normalisation over the pixels of a map');
  },
  Tanh: (node, context) => writeActivation(node, 'tanh', context),
};

/** @throws AlexNetError `UNSUPPORTED` naming the node, and why */
export function writeLayers(node: Node, context: LayerContext): void {
  // The table guarantees that the writer and the node belong together.
  const writer: unknown = writers[node.op];
  (writer as LayerWriter<Node>)(node, context);
}

function padded({ draft, input, inputShape, isPositive }: LayerContext) {
  const [, , H = 0, W = 0] = inputShape;
  return { draft, input, isPositive, size: [H, W] as const };
}

function writePool(
  { name, attributes }: NodeOf<'AveragePool'> | NodeOf<'MaxPool'>,
  className: string,
  { input, padding }: ReturnType<typeof padMaxPool>,
  { draft }: LayerContext,
): void {
  const config = {
    pool_size: attributes.kernelShape,
    strides: attributes.strides,
    padding,
    data_format: 'channels_last',
  };
  draft.add(name, className, { config, inputs: [input] });
}

/** Windows side by side; a picture that has the size already is left alone. */
function writeAdaptivePool(
  { name, attributes }: NodeOf<'AdaptiveAveragePool'>,
  { draft, input, inputShape }: LayerContext,
): void {
  const [, , H = 0, W = 0] = inputShape;
  const [rows, columns] = attributes.outputSize;
  if (rows === H && columns === W) return;
  if (H % rows !== 0 || W % columns !== 0) {
    throw unwritable(name, `makes ${rows}×${columns} of ${H}×${W} by windows that overlap`);
  }
  const window = [H / rows, W / columns];
  const config = {
    pool_size: window,
    strides: window,
    padding: 'valid',
    data_format: 'channels_last',
  };
  draft.add(name, 'AveragePooling2D', { config, inputs: [input] });
}

function writeNormalization(
  { name, attributes }: NodeOf<'BatchNormalization'>,
  { draft, input, addArray }: LayerContext,
): void {
  const { epsilon, momentum } = attributes;
  for (const role of ['scale', 'shift', 'mean', 'variance'] as const) addArray(name, role);
  const config = { axis: -1, epsilon, momentum, center: true, scale: true };
  draft.add(name, 'BatchNormalization', { config, inputs: [input] });
}

function writeDense(
  { name }: NodeOf<'Gemm'>,
  { draft, input, outputShape, addArray }: LayerContext,
): void {
  for (const role of ['weight', 'bias'] as const) addArray(name, role);
  const config = { units: outputShape[1], activation: 'linear', use_bias: true };
  draft.add(name, 'Dense', { config, inputs: [input] });
}

function writeActivation({ name }: Node, activation: string, { draft, input }: LayerContext): void {
  draft.add(name, 'Activation', { config: { activation }, inputs: [input] });
}

/** TensorFlow's function has windows of 2 · depth_radius + 1 channels. */
function writeResponseNormalization(
  { name, attributes }: NodeOf<'LRN'>,
  { draft, input, lrn }: LayerContext,
): void {
  const { size, alpha, beta, k, groups } = attributes;
  if (size % 2 === 0) throw unwritable(name, `normalises over ${size} channels, an even number`);
  if (groups > 1) throw unwritable(name, `normalises in ${groups} groups of channels`);
  if (lrn === 'refuse') {
    throw unwritable(
      name,
      'is a local response normalisation',
      "Write it as a class of this package's, which is registered before the model is loaded (--lrn-class, see docs/tfjs.md), or write an ONNX file, which onnxruntime-web runs in pages as it is.",
    );
  }
  const config = { depth_radius: (size - 1) / 2, bias: k, alpha, beta };
  draft.add(name, RESPONSE_NORMALIZATION, { config, inputs: [input] });
}
