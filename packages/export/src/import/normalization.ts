import type { Node } from '@alexnet/core';
import { shortenFloat32 } from '../attribute-reader.ts';
import { dropNoise } from '../ops/lrn.ts';
import { windowLengths } from '../ops/window-lengths.ts';
import { settle } from './affine.ts';
import { type Constant, integersOf, scalarOf, tensorOf } from './constant.ts';
import type { NodeReader } from './context.ts';
import { attributesOf, type OnnxGraphNode } from './graph-node.ts';
import { refuse } from './refusal.ts';
import { axesOf } from './reshape.ts';
import type { Activation, AxisPadding, Divisor, Value, Window } from './value.ts';
import { type Axis, isSameAxis, isSameView, lengthOf, viewOf } from './view.ts';

// Local response normalisation in pieces: x / (k + alpha · mean of x² over a window)^beta. PyTorch has no operator
// for it and exports it so, over channels as a third axis of a pool; our own exports write windows of even size and
// those of a map so. Each piece is followed; the division at the end is the op of the IR.

/** x² */
export const readSquare: NodeReader = (node, [a, b], context) => {
  if (a?.kind !== 'activation') return undefined;
  const isProduct = node.opType === 'Mul' && a === b;
  const isPower = node.opType === 'Pow' && b?.kind === 'constant' && scalarOf(b) === 2;
  if (!isProduct && !isPower) return undefined;
  const of = settle(a, node, context);
  return {
    kind: 'divisor',
    of,
    view: of.view,
    padding: [],
    windows: [],
    isInside: false,
    scale: 1,
    shift: 0,
    power: 1,
  };
};

/** Mul, Div, Add and Pow of a divisor and a number. */
export const readScalarStep: NodeReader = (node, [a, b]) => {
  const [divisor, other] = a?.kind === 'divisor' ? [a, b] : [b, a];
  if (divisor?.kind !== 'divisor') return undefined;
  if (node.opType === 'Sqrt') return { ...divisor, power: divisor.power / 2 };
  if (divisor.isInside)
    return other?.kind === 'constant' ? countInside(node, divisor, other) : undefined;
  const number = other?.kind === 'constant' ? scalarOf(other) : undefined;
  if (number === undefined) return undefined;
  const value = shortenFloat32(number);
  const isLeft = divisor === a;
  switch (node.opType) {
    case 'Add':
      if (divisor.power === 1) return { ...divisor, shift: divisor.shift + value };
      break;
    case 'Mul':
      if (divisor.power === 1) return multiply(divisor, value);
      break;
    case 'Div':
      if (divisor.power === 1 && isLeft) return multiply(divisor, 1 / value);
      break;
    case 'Pow':
      if (isLeft) return { ...divisor, power: divisor.power * value };
      break;
    default:
  }
  return undefined;
};

function multiply(divisor: Divisor, factor: number): Divisor {
  return { ...divisor, scale: divisor.scale * factor, shift: divisor.shift * factor };
}

/** Float32 factors differ from the products that they stand for by less than this share. */
const ROUNDING = 1e-6;

/**
 * A mean over the places inside the map, times alpha and the number of these places: with that it is alpha times
 * the sum, as if the zeros outside had counted.
 */
function countInside(
  node: OnnxGraphNode,
  divisor: Divisor,
  factors: Constant,
): Divisor | undefined {
  const { windows, view } = divisor;
  const lengths = view.map((axis, place) =>
    windows.some((window) => window.place === place) ? lengthOf(axis) : 1,
  );
  const offset = view.length - factors.shape.length;
  const fits = factors.shape.every((length, axis) => length === lengths[axis + offset]);
  const isAll = lengths.slice(0, Math.max(0, offset)).every((length) => length === 1);
  const tensor = tensorOf(factors);
  if (node.opType !== 'Mul' || !fits || !isAll || !tensor || offset < 0) return undefined;
  const counts = windows.reduce<readonly number[]>(
    (product, { before, after, axis }) => {
      const pixels = lengthOf(axis);
      const kernel = before + 1 + after;
      const row = windowLengths({ kernel, stride: 1, before, pixels, windows: pixels });
      return product.flatMap((count) => row.map((inside) => count * inside));
    },
    [1],
  );
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const fullest = shortenFloat32(tensor.data[counts.indexOf(most)] ?? Number.NaN);
  const alpha = dropNoise(fullest / most);
  const isSum = tensor.data.every((factor, index) => {
    const expected = alpha * (counts[index] ?? Number.NaN);
    return Math.abs(factor - expected) <= ROUNDING * Math.abs(expected);
  });
  if (!isSum) return undefined;
  // As if the zeros had counted: alpha · size · mean.
  const size = windows.reduce((product, { before, after }) => product * (before + 1 + after), 1);
  return { ...divisor, isInside: false, scale: divisor.scale * alpha * size };
}

/** Zeros around x², for the window behind. */
export const readDivisorPad: NodeReader = (node, [x, ...operands]) => {
  if (x?.kind !== 'divisor') return undefined;
  const { pads, fill } = readPads(node, operands, x.view.length);
  if (fill !== 0 || x.shift !== 0 || x.power !== 1) return undefined;
  const rank = x.view.length;
  const padding = x.view.map((_, axis): AxisPadding => {
    const before = x.padding[axis] ?? { begin: 0, end: 0 };
    return {
      begin: before.begin + (pads[axis] ?? 0),
      end: before.end + (pads[axis + rank] ?? 0),
    };
  });
  if (padding.some(({ begin, end }) => begin < 0 || end < 0))
    throw refuse(node, 'cuts a frame off');
  return { ...x, padding };
};

/** What a Pad puts around its input: attributes until operator set 10, operands since. */
export function readPads(
  node: OnnxGraphNode,
  operands: readonly (Value | undefined)[],
  rank: number,
): { readonly pads: readonly number[]; readonly fill: number } {
  const attributes = attributesOf(node);
  attributes.expectString('mode', 'constant');
  const attribute = attributes.optionalIntegers('pads') ?? attributes.optionalIntegers('paddings');
  const [list, value, axesList] = operands;
  const given = attribute ?? (list?.kind === 'constant' ? integersOf(list) : undefined);
  const fill = value?.kind === 'constant' ? scalarOf(value) : attributes.float('value', 0);
  attributes.checkAllRead();
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const axes = axesOf(node, axesList, undefined, rank) ?? all;
  if (!given || given.length !== 2 * axes.length || fill === undefined) {
    throw refuse(node, 'has pads that are not known before a run');
  }
  const pads = new Array<number>(2 * rank).fill(0);
  for (const [index, axis] of axes.entries()) {
    pads[axis] = given[index] ?? 0;
    pads[axis + rank] = given[index + axes.length] ?? 0;
  }
  return { pads, fill };
}

/** The mean over a window: AveragePool over any axes, zeros beyond the map counted. */
export const readDivisorPool: NodeReader = (node, [x]) => {
  if (x?.kind !== 'divisor') return undefined;
  const attributes = attributesOf(node);
  attributes.expectString('auto_pad', 'NOTSET');
  attributes.expectInteger('ceil_mode', 0);
  const countsPadding = attributes.flag('count_include_pad');
  const kernel = attributes.optionalIntegers('kernel_shape') ?? [];
  const ones = kernel.map(() => 1);
  attributes.expectIntegers('strides', ones);
  attributes.expectIntegers('dilations', ones);
  const pads = attributes.optionalIntegers('pads') ?? kernel.flatMap(() => [0, 0]);
  attributes.checkAllRead();
  const isPlain = x.shift === 0 && x.power === 1 && x.windows.length === 0;
  const isInside = pads.some((pad) => pad !== 0) && !countsPadding;
  const isFramed = x.padding.some(({ begin, end }) => begin + end > 0);
  if (!isPlain || kernel.length + 2 !== x.view.length || (isInside && isFramed)) return undefined;
  const windows = kernel.flatMap((size, index): readonly Window[] => {
    const { begin, end } = x.padding[index + 2] ?? { begin: 0, end: 0 };
    const before = begin + (pads[index] ?? 0);
    const after = end + (pads[index + kernel.length] ?? 0);
    if (before + after !== size - 1 || before < 0 || after < 0) {
      throw refuse(
        node,
        `has a window of ${size} with ${before} and ${after} zeros around x², which changes the picture's size`,
      );
    }
    const place = index + 2;
    return size === 1 ? [] : [{ axis: x.view[place] ?? [], place, before, after }];
  });
  const isOutside = x.padding.slice(0, 2).some(({ begin, end }) => begin + end > 0);
  return isOutside ? undefined : { ...x, windows, isInside, padding: [] };
};

/** x / divisor, or x · divisor where the power is negative: the op of the IR. */
export const readNormalization: NodeReader = (node, [a, b], context) => {
  const isProduct = node.opType === 'Mul';
  const [x, divisor] = isProduct && b?.kind === 'activation' ? [b, a] : [a, b];
  if (x?.kind !== 'activation' || divisor?.kind !== 'divisor') return undefined;
  const { of, view, padding, scale, shift, power } = divisor;
  const settled = settle(x, node, context);
  const isSame = settled.value === of.value && isSameView(settled.view, view);
  if (divisor.isInside || !isSame || padding.length > 0 || of.shape.length !== 3) {
    throw refuse(node, 'divides by something else than a function of what it divides');
  }
  const beta = isProduct ? -power : power;
  const output = node.outputs[0] ?? '';
  const base = { name: node.name, inputs: [of.value], output } as const;
  const normal = describeWindow(node, divisor);
  const alpha = dropNoise(scale / normal.count);
  const irNode: Node =
    normal.kind === 'map'
      ? { ...base, op: 'SpatialLRN', attributes: { size: normal.size, alpha, beta, k: shift } }
      : {
          ...base,
          op: 'LRN',
          attributes: { size: normal.size, alpha, beta, k: shift, groups: normal.groups },
        };
  return { ...context.draft.add(irNode, [of.value]), view };
};

type NormalWindow =
  | {
      readonly kind: 'channels';
      readonly size: number;
      readonly count: number;
      readonly groups: number;
    }
  | { readonly kind: 'map'; readonly size: number; readonly count: number };

function describeWindow(node: OnnxGraphNode, { of, windows }: Divisor): NormalWindow {
  const [, channels = [], rows = [], columns = []] = viewOf(of.shape);
  const [C = 0] = of.shape;
  const [first, second] = windows;
  if (!first) return { kind: 'channels', size: 1, count: 1, groups: 1 };
  const size = first.before + 1 + first.after;
  for (const { before, after } of windows) {
    const isCentred = before === Math.floor((size - 1) / 2) && after === Math.ceil((size - 1) / 2);
    if (isCentred) continue;
    throw refuse(
      node,
      `normalises over ${before} places before and ${after} behind`,
      `A window of ${size} here has ${Math.floor((size - 1) / 2)} before and ${Math.ceil((size - 1) / 2)} behind.`,
    );
  }
  const isMap = second && isSameAxis(first.axis, rows) && isSameAxis(second.axis, columns);
  if (isMap && windows.length === 2) return { kind: 'map', size, count: size * size };
  const groups = C / lengthOf(first.axis);
  if (windows.length === 1 && isGroupOf(first.axis, channels)) {
    return { kind: 'channels', size, count: size, groups };
  }
  throw refuse(node, 'normalises over other axes than the channels, or the rows and columns');
}

/** Whether an axis holds consecutive channels: all of them, or those of one of several groups. */
function isGroupOf([step, ...more]: Axis, [channels]: Axis): boolean {
  if (!step) return true;
  if (step === 'batch' || more.length > 0 || !channels || channels === 'batch') return false;
  return step.stride === channels.stride && channels.length % step.length === 0;
}

/** How many groups the channels of a picture lie in, as [N · groups, C / groups, H, W]; undefined for other views. */
export function groupsOf(x: Activation): number | undefined {
  const [C = 0] = x.shape;
  const canonical = viewOf(x.shape);
  const [batch = [], channels = [], ...map] = x.view;
  const [, ownChannels = [], ...ownMap] = canonical;
  if (isSameView(x.view, canonical)) return 1;
  const [first, outer, ...more] = batch;
  const isSplit = first === 'batch' && outer !== undefined && more.length === 0;
  const length = lengthOf(channels);
  const isGroups =
    isSplit &&
    isGroupOf(channels, ownChannels) &&
    lengthOf(batch) * length === C &&
    isSameView([[], ...map], [[], ...ownMap]);
  return isGroups ? C / length : undefined;
}
