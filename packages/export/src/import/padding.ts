import { inferOverhang, type NodeOf } from '@alexnet/core';
import type { Quad } from '../attribute-reader.ts';
import type { ImportContext, NodeReader } from './context.ts';
import type { OnnxGraphNode } from './graph-node.ts';
import { readPads } from './normalization.ts';
import { refuse } from './refusal.ts';
import type { Activation } from './value.ts';
import { isSameAxis, viewOf } from './view.ts';

// Pad as a node of its own, before a convolution or a pool: the window's own pads, where that is exact.

export const readPad: NodeReader = (node, [x, ...operands]) => {
  if (x?.kind !== 'activation') return undefined;
  const rank = x.view.length;
  const { pads, fill } = readPads(node, operands, rank);
  if (pads.every((pad) => pad === 0)) return x;
  const [, , rows = [], columns = []] = viewOf(x.shape);
  const frame: [number, number, number, number] = [0, 0, 0, 0];
  for (const [axis, own] of x.view.entries()) {
    const [begin, end] = [pads[axis] ?? 0, pads[axis + rank] ?? 0];
    if (begin === 0 && end === 0) continue;
    const side = isSameAxis(own, rows) ? 0 : isSameAxis(own, columns) ? 1 : undefined;
    if (side === undefined || x.shape.length !== 3 || begin < 0 || end < 0) {
      throw refuse(
        node,
        `puts ${begin} and ${end} around axis ${axis}; rows and columns can be padded`,
      );
    }
    frame[side] = begin;
    frame[side === 0 ? 2 : 3] = end;
  }
  if (x.padding && x.padding.fill !== fill) throw refuse(node, 'pads with another number again');
  const isExact = !x.affine || fill === 0;
  if (!isExact) throw refuse(node, `pads with ${fill} what has been scaled`);
  return { ...x, padding: { pads: sumPads(frame, x.padding?.pads), fill }, owner: null };
};

export function sumPads(
  [top, left, bottom, right]: Quad,
  [moreTop, moreLeft, moreBottom, moreRight]: Quad = [0, 0, 0, 0],
): Quad {
  return [top + moreTop, left + moreLeft, bottom + moreBottom, right + moreRight];
}

interface Place {
  readonly node: OnnxGraphNode;
  readonly context: ImportContext;
}

/** The lowest float32: what stands for minus infinity in some files. */
const LOWEST = -3.4e38;

/** Padding never wins the maximum: zeros are such where all else is at least zero. */
export function padMaxPool(
  irNode: NodeOf<'MaxPool'>,
  { padding, value }: Activation,
  { node, context }: Place,
): NodeOf<'MaxPool'> {
  if (!padding) return irNode;
  const { pads, ceilMode } = irNode.attributes;
  const isSilent =
    padding.fill <= LOWEST || (padding.fill === 0 && isNeverNegative(value, context));
  if (!isSilent) throw refuse(node, `follows a Pad of ${padding.fill}, which can be the maximum`);
  if (ceilMode) throw refuse(node, 'has ceil_mode and follows a Pad');
  return { ...irNode, attributes: { ...irNode.attributes, pads: sumPads(pads, padding.pads) } };
}

/** Ops that keep what is at least zero so. */
const KEEPS_SIGN: ReadonlySet<string> = new Set([
  'LRN',
  'MaxPool',
  'AveragePool',
  'Dropout',
  'SpatialLRN',
]);

function isNeverNegative(value: string, { draft }: ImportContext): boolean {
  let found = draft.find(value);
  while (found && KEEPS_SIGN.has(found.node.op)) {
    const [x] = found.operands;
    found = typeof x === 'string' ? draft.find(x) : undefined;
  }
  return found?.node.op === 'Relu';
}

/**
 * Zeros around the picture count in the mean, the pool's own padding only if it says so. Our own exports write
 * windows of `ceilMode` over padding that counts as Pad and a pool with pads that do not.
 */
export function padAveragePool(
  irNode: NodeOf<'AveragePool'>,
  { padding, shape }: Activation,
  { node }: Place,
): NodeOf<'AveragePool'> {
  if (!padding) return irNode;
  if (padding.fill !== 0) throw refuse(node, `follows a Pad of ${padding.fill}`);
  const { attributes } = irNode;
  const [, H = 0, W = 0] = shape;
  const counted = { ...attributes, countIncludePad: true };
  const isBare = attributes.pads.every((pad) => pad === 0);
  if (attributes.countIncludePad || isBare) {
    if (attributes.ceilMode) throw refuse(node, 'has ceil_mode and follows a Pad');
    return { ...irNode, attributes: { ...counted, pads: sumPads(attributes.pads, padding.pads) } };
  }
  const rounded = { ...counted, pads: padding.pads, ceilMode: true };
  const overhang = inferOverhang(irNode.name, [H, W], rounded);
  const [top, left, ...behind] = attributes.pads;
  const isOverhang = top === 0 && left === 0 && overhang.every((reach, i) => reach === behind[i]);
  if (isOverhang && !attributes.ceilMode) return { ...irNode, attributes: rounded };
  throw refuse(node, 'counts the zeros of a Pad in its means, but not those of its own pads');
}
