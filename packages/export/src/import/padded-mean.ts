import { inferOverhang, type NodeOf, type PoolAttributes } from '@alexnet/core';
import { outerProduct, windowLengths } from '../ops/window-lengths.ts';
import { type Constant, tensorOf } from './constant.ts';
import type { NodeReader } from './context.ts';
import type { Activation } from './value.ts';
import { isSameView, viewOf } from './view.ts';

/** Larger pads around a pool are not searched for what may have been rounded up. */
const MAX_SEARCHED_PAD = 16;

/**
 * AveragePool → Mul with the share that the pixels have in each window: a pool that counts its padding, as our own
 * exports write it.
 */
export const readPaddedMean: NodeReader = (node, [x, shares], context) => {
  if (x?.kind !== 'activation' || shares?.kind !== 'constant') return undefined;
  const found = context.draft.find(x.value);
  const isDirect = x.owner === node.inputs[0] && context.countUses(x.value) === 1 && !x.affine;
  if (found?.node.op !== 'AveragePool' || !isDirect) return undefined;
  const [input] = found.operands;
  const shape = typeof input === 'string' ? context.draft.shapeOf(input) : undefined;
  if (typeof input !== 'string' || !shape || !isSameView(x.view, viewOf(x.shape))) return undefined;
  const attributes = findCounted(found.node, { before: shape, after: x, shares });
  if (!attributes) return undefined;
  const output = node.outputs[0] ?? '';
  return context.draft.add({ ...found.node, name: node.name, output, attributes }, [input]);
};

interface Pooled {
  readonly before: readonly number[];
  readonly after: Activation;
  readonly shares: Constant;
}

function findCounted(
  { name, attributes }: NodeOf<'AveragePool'>,
  { before, after, shares }: Pooled,
): NodeOf<'AveragePool'>['attributes'] | undefined {
  const [, H = 0, W = 0] = before;
  const [, outH = 0, outW = 0] = after.shape;
  const tensor = tensorOf(shares);
  const { pads } = attributes;
  const isMap = shares.shape.slice(-2).join() === [outH, outW].join();
  if (attributes.countIncludePad || !tensor || tensor.data.length !== outH * outW || !isMap) {
    return undefined;
  }
  const matches = (window: PoolAttributes) => {
    const expected = shareOf(window, [H, W], [outH, outW]);
    return expected.every((share, index) => share === tensor.data[index]);
  };
  if (matches(attributes)) return { ...attributes, countIncludePad: true };
  // Where a window of `ceilMode` is dropped, what it rounded up is written as padding that does not count.
  const [top, left, bottom, right] = pads;
  if (attributes.ceilMode || Math.max(bottom, right) > MAX_SEARCHED_PAD) return undefined;
  for (let below = bottom; below >= 0; below -= 1) {
    for (let beyond = right; beyond >= 0; beyond -= 1) {
      const rounded = { ...attributes, pads: [top, left, below, beyond], ceilMode: true } as const;
      const [moreBelow, moreBeyond] = inferOverhang(name, [H, W], rounded);
      const isWhole = below + moreBelow === bottom && beyond + moreBeyond === right;
      if (isWhole && matches(rounded)) return { ...rounded, countIncludePad: true };
    }
  }
  return undefined;
}

/** [H', W']: the pixels in each window, divided by its places inside the padded picture. */
function shareOf(
  { kernelShape, strides, pads: [top, left, bottom, right] }: PoolAttributes,
  size: readonly [number, number],
  windows: readonly [number, number],
): Float32Array {
  const along = (axis: 0 | 1, before: number, after: number) => {
    const row = { kernel: kernelShape[axis], stride: strides[axis], windows: windows[axis] };
    const counted = windowLengths({ ...row, before: 0, pixels: before + size[axis] + after });
    const inside = windowLengths({ ...row, before, pixels: size[axis] });
    return inside.map((count, index) => count / (counted[index] ?? Number.NaN));
  };
  return outerProduct(along(0, top, bottom), along(1, left, right));
}
