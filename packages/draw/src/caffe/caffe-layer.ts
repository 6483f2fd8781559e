import type { Node, NodeOf, OpName } from '@alexnet/core';
import type { Tone } from '../palette.ts';

/** A layer in Caffe's words. */
export interface CaffeLayer {
  /** Caffe's layer type, and what draw_net writes before it: `MAX Pooling`. */
  readonly type: string;
  readonly tone: Tone;
  /** `kernel size: 11`, one line each. */
  readonly details: readonly string[];
  /** `num_output`, where the layer has one. */
  readonly outputs: number | null;
}

interface WindowOf {
  readonly kernelShape: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

type Describe<Op extends OpName> = (node: NodeOf<Op>, outputs: number) => CaffeLayer;

const plain = (type: string): CaffeLayer => ({
  type,
  tone: 'caffe-layer',
  details: [],
  outputs: null,
});

const pooling = (type: string, details: readonly string[]): CaffeLayer => ({
  type: `${type} Pooling`,
  tone: 'caffe-pooling',
  details,
  outputs: null,
});

/** Every op in Caffe's words, with the colours of its `choose_color_by_layertype`. */
const CAFFE_LAYERS = {
  Conv: ({ attributes }, outputs) => ({
    type: 'Convolution',
    tone: 'caffe-convolution',
    details: [
      ...describeWindow(attributes),
      ...(attributes.group > 1 ? [`group: ${attributes.group}`] : []),
    ],
    outputs,
  }),
  Gemm: (_node, outputs) => ({
    type: 'InnerProduct',
    tone: 'caffe-inner-product',
    details: [],
    outputs,
  }),
  MaxPool: ({ attributes }) => pooling('MAX', describeWindow(attributes)),
  AveragePool: ({ attributes }) => pooling('AVE', describeWindow(attributes)),
  AdaptiveAveragePool: ({ attributes }) =>
    pooling('AVE', [`output size: ${side(attributes.outputSize)}`]),
  LRN: () => plain('LRN'),
  SpatialLRN: () => plain('LRN within channel'),
  BatchNormalization: () => plain('BatchNorm'),
  Relu: () => plain('ReLU'),
  Tanh: () => plain('TanH'),
  Dropout: () => plain('Dropout'),
  Flatten: () => plain('Flatten'),
  Softmax: () => plain('Softmax'),
} as const satisfies { readonly [Op in OpName]: Describe<Op> };

/** Layers that Caffe's models compute in place. */
const IN_PLACE: ReadonlySet<OpName> = new Set<OpName>(['Relu', 'Tanh', 'Dropout']);

export function canRunInPlace(op: OpName): boolean {
  return IN_PLACE.has(op);
}

/** @param outputs - channels or features that the layer makes */
export function describeCaffeLayer(node: Node, outputs: number): CaffeLayer {
  const describe: unknown = CAFFE_LAYERS[node.op];
  return (describe as (node: Node, outputs: number) => CaffeLayer)(node, outputs);
}

function describeWindow({ kernelShape, strides, pads }: WindowOf): readonly string[] {
  const [top, left, bottom, right] = pads;
  const isEven = top === left && top === bottom && top === right;
  return [
    `kernel size: ${side(kernelShape)}`,
    `stride: ${side(strides)}`,
    `pad: ${isEven ? top : pads.join(' ')}`,
  ];
}

/** `3`, or `3×5` */
function side([height, width]: readonly [number, number]): string {
  return height === width ? `${height}` : `${height}×${width}`;
}
