import type { Tensor } from '@alexnet/core';
import { shortenFloat32 } from '../attribute-reader.ts';
import { type ChannelWindow, makeChannelBand } from '../ops/channel-band.ts';
import { tensorOf } from './constant.ts';
import type { NodeReader } from './context.ts';
import { attributesOf } from './graph-node.ts';
import type { Divisor } from './value.ts';
import { isSameView, viewOf } from './view.ts';

/**
 * k + alpha · the sum of x² over a window of channels, as a convolution of 1×1 with a banded matrix: local response
 * normalisation without LRN, as our own exports write it for WebGPU.
 *
 * A window that reaches from every channel to all others is read as the smallest that does.
 */
export const readChannelBand: NodeReader = (node, [x, band, bias]) => {
  if (x?.kind !== 'divisor' || band?.kind !== 'constant' || bias?.kind !== 'constant') {
    return undefined;
  }
  const [weight, shifts] = [tensorOf(band), tensorOf(bias)];
  const [C = 0, H = 0] = x.of.shape;
  if (!weight || !shifts || !isPlainSquare(x)) return undefined;
  const attributes = attributesOf(node);
  const groups = attributes.integer('group', 1);
  attributes.expectString('auto_pad', 'NOTSET');
  attributes.expectIntegers('dilations', [1, 1]);
  attributes.expectIntegers('kernel_shape', [1, 1]);
  attributes.expectIntegers('pads', [0, 0, 0, 0]);
  attributes.expectIntegers('strides', [1, 1]);
  attributes.checkAllRead();
  const isMatrix = weight.shape.join() === [C, C / groups, 1, 1].join();
  const found = isMatrix ? findBand(weight, { channels: C, groups }) : undefined;
  const k = shifts.data[0] ?? Number.NaN;
  if (!found || !shifts.data.every((shift) => shift === k)) return undefined;
  const { scale, size } = found;
  const perGroup = C / groups;
  const stride = H * (x.of.shape[2] ?? 0);
  return {
    ...x,
    windows: [
      {
        axis: perGroup === 1 ? [] : [{ length: perGroup, stride }],
        place: 1,
        before: Math.floor((size - 1) / 2),
        after: Math.ceil((size - 1) / 2),
      },
    ],
    scale,
    shift: shortenFloat32(k),
  };
};

/** x² of a picture, and nothing done to it yet. */
function isPlainSquare({ of, view, padding, windows, scale, shift, power }: Divisor): boolean {
  const isUntouched = padding.length === 0 && windows.length === 0;
  const isSquare = scale === 1 && shift === 0 && power === 1;
  return isUntouched && isSquare && of.shape.length === 3 && isSameView(view, viewOf(of.shape));
}

function findBand(
  { data }: Tensor,
  { channels, groups }: Omit<ChannelWindow, 'size'>,
): { readonly scale: number; readonly size: number } | undefined {
  const perGroup = channels / groups;
  const value = data[0] ?? Number.NaN;
  const countIn = (row: number) =>
    data.subarray(row * perGroup, (row + 1) * perGroup).filter((entry) => entry !== 0).length;
  // The first channel of a group has the window's end, the last its beginning.
  const size = value === 0 ? 1 : countIn(0) + countIn(perGroup - 1) - 1;
  if (!(size > 0)) return undefined;
  const expected = makeChannelBand(value, { channels, groups, size });
  const isBand = expected.every((entry, index) => entry === data[index]);
  return isBand ? { scale: multiplyAlpha(value, size), size } : undefined;
}

/** alpha · size, of which one or the other was a short number before it became a float32. */
function multiplyAlpha(alpha: number, size: number): number {
  const short = shortenFloat32(alpha);
  const product = shortenFloat32(Math.fround(alpha * size));
  const isShorter = product.toExponential().length < short.toExponential().length;
  return isShorter && Math.fround(product / size) === alpha ? product : short * size;
}
