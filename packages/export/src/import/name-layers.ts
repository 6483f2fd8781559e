import type { Node, OpName } from '@alexnet/core';
import type { DraftNode } from './draft.ts';

/** What a scale and a shift are called that became a convolution. */
const SCALE_NAME = /\/scaled(?:_\d+)?$/;

/** Convolutions and fully connected layers of the paper's network. */
const CONVOLUTIONS = 5;
const CONNECTED = 3;

/** What stands before the number of the layer that an op follows; '' as the first letter of none. */
const PREFIXES: Readonly<Record<OpName, string>> = {
  AdaptiveAveragePool: 'avgpool',
  AveragePool: 'pool',
  BatchNormalization: 'bn',
  Conv: 'conv',
  Dropout: 'drop',
  Flatten: 'flatten',
  Gemm: 'fc',
  LRN: 'norm',
  MaxPool: 'pool',
  Relu: 'relu',
  Softmax: 'prob',
  SpatialLRN: 'spatial',
  Tanh: 'tanh',
};
/** Ops that a network has one of. */
const UNNUMBERED: ReadonlySet<OpName> = new Set<OpName>([
  'AdaptiveAveragePool',
  'Flatten',
  'Softmax',
]);

/**
 * A name for each node of a file of others: the paper's where there are five convolutions and three fully
 * connected layers, `conv1` to `fc8`; else the file's, of letters, digits, - and _.
 */
export function nameLayers(drafts: readonly DraftNode[]): readonly string[] {
  const names = isAlexNet(drafts) ? numberLayers(drafts) : drafts.map(cleanName);
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 2; taken.has(free); count += 1) free = `${name}_${count}`;
    taken.add(free);
    return free;
  });
}

function isAlexNet(drafts: readonly DraftNode[]): boolean {
  const layers = drafts.filter(isLayer).map(({ node }) => node.op);
  const expected = [
    ...new Array<OpName>(CONVOLUTIONS).fill('Conv'),
    ...new Array<OpName>(CONNECTED).fill('Gemm'),
  ];
  return layers.join() === expected.join();
}

/** A convolution or fully connected layer, but not one that only scales. */
function isLayer({ node }: DraftNode): boolean {
  return node.op === 'Gemm' || (node.op === 'Conv' && !isScale(node));
}

function isScale({ op, name }: Node): boolean {
  return op === 'Conv' && SCALE_NAME.test(name);
}

function numberLayers(drafts: readonly DraftNode[]): readonly string[] {
  const firstConnected = drafts.findIndex(({ node }) => node.op === 'Gemm');
  const flatten = drafts.findIndex(({ node }) => node.op === 'Flatten');
  // torchvision's dropouts stand before the layer whose number they have, all others' behind.
  const dropsBefore = drafts
    .slice(Math.max(flatten, 0), firstConnected)
    .some(({ node }) => node.op === 'Dropout');
  let number = 0;
  return drafts.map((draft) => {
    const { op } = draft.node;
    if (isLayer(draft)) number += 1;
    else if (op === 'Conv') return number === 0 ? 'scale' : `scale${number}`;
    const isBefore = op === 'Dropout' && dropsBefore && number >= CONVOLUTIONS;
    return `${PREFIXES[op]}${UNNUMBERED.has(op) ? '' : number + (isBefore ? 1 : 0)}`;
  });
}

/** Endings that name a weight of a layer, and not the layer. */
const WEIGHT_ENDING = /[._/](?:weight|weights|kernel|w|W)(?:_?0)?(?::0)?$/;
/** Names that exporters number without saying anything. */
const NAMELESS = /^(?:onnx::.*|\d+|node_.*)$/;

function cleanName({ node, operands }: DraftNode): string {
  const [, weight] = operands;
  const source = typeof weight === 'object' ? (weight.source ?? '') : '';
  const isTelling = WEIGHT_ENDING.test(source) && !NAMELESS.test(source);
  const name = isTelling ? source.replace(WEIGHT_ENDING, '') : node.name;
  const clean = name.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');
  return clean === '' ? PREFIXES[node.op] : clean;
}
