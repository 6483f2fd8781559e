import type { Node, NodeOf, OpName, Shape } from '@alexnet/core';

/** What the picture says about an op: in the column of its layer, and between two boxes as the paper does. */
export interface OpNote {
  /** For the column below the layer, in parts that belong on one line; none where the boxes say it all. */
  readonly caption: readonly string[];
  /** Between the boxes. */
  readonly pooling: string | null;
}

type Describe<Op extends OpName> = (node: NodeOf<Op>, input: Shape) => OpNote;

interface WindowOf {
  readonly kernelShape: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly ceilMode?: boolean;
}

const note = (caption: readonly string[], pooling: string | null = null): OpNote => ({
  caption,
  pooling,
});

const OP_NOTES = {
  Conv: ({ attributes }, input) => {
    const { group } = attributes;
    return note([...describeWindow(attributes, input), ...(group > 1 ? [`${group} groups`] : [])]);
  },
  Gemm: () => note([]),
  MaxPool: ({ attributes }, input) =>
    note(prefix('max pool', describeWindow(attributes, input)), 'Max pooling'),
  AveragePool: ({ attributes }, input) =>
    note(prefix('average pool', describeWindow(attributes, input)), 'Average pooling'),
  AdaptiveAveragePool: ({ attributes }) =>
    note([`average pool to ${attributes.outputSize.join('×')}`], 'Average pooling'),
  LRN: ({ attributes: { size, groups } }) =>
    note([`LRN over ${size}`, ...(groups > 1 ? [`${groups} groups`] : [])]),
  SpatialLRN: ({ attributes: { size } }) => note([`spatial LRN ${size}×${size}`]),
  BatchNormalization: () => note(['batch norm']),
  Relu: () => note(['ReLU']),
  Tanh: () => note(['tanh']),
  Dropout: ({ attributes: { ratio } }) => note([`dropout ${ratio}`]),
  Flatten: () => note([]),
  Softmax: () => note(['softmax']),
} as const satisfies { readonly [Op in OpName]: Describe<Op> };

/** @param input - shape of what the node reads, [N, …] */
export function describeOp(node: Node, input: Shape): OpNote {
  const describe: unknown = OP_NOTES[node.op];
  return (describe as (node: Node, input: Shape) => OpNote)(node, input);
}

function prefix(word: string, [first = '', ...rest]: readonly string[]): readonly string[] {
  return [`${word} ${first}`, ...rest];
}

/** `3×3`, `stride 2`, `pad 0 0 1 1`: the pads from the top counter-clockwise, as the graph has them. */
function describeWindow(
  { kernelShape, strides, pads, ceilMode = false }: WindowOf,
  [, , height = 0, width = 0]: Shape,
): readonly string[] {
  const [kernelH, kernelW] = kernelShape;
  const [strideH, strideW] = strides;
  const [top, left, bottom, right] = pads;
  const isEven = top === left && top === bottom && top === right;
  const isWhole =
    (height + top + bottom - kernelH) % strideH === 0 &&
    (width + left + right - kernelW) % strideW === 0;
  return [
    kernelShape.join('×'),
    ...(strideH === 1 && strideW === 1
      ? []
      : [`stride ${strideH === strideW ? strideH : strides.join('×')}`]),
    ...(isEven ? (top === 0 ? [] : [`pad ${top}`]) : [`pad ${pads.join(' ')}`]),
    ...(ceilMode && !isWhole ? ['rounded up'] : []),
  ];
}
