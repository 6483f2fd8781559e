import { inferOverhang, type NodeOf, type WindowAttributes } from '@alexnet/core';
import type { LayersDraft } from './layers-draft.ts';
import { unwritable } from './unwritable.ts';

/** [top, left, bottom, right] */
type Pads = WindowAttributes['pads'];
type Size = readonly [height: number, width: number];

/** What a layer with a window reads, and how it says its padding. */
export interface PaddedInput {
  readonly input: string;
  readonly padding: 'same' | 'valid';
}

interface Padded {
  readonly draft: LayersDraft;
  readonly input: string;
  /** Of the maps that are read. */
  readonly size: Size;
}

/** Pads with zeros: in the layer's own words where "same" means these numbers, else by a ZeroPadding2D before it. */
export function padWithZeros(name: string, window: WindowAttributes, padded: Padded): PaddedInput {
  if (isSame(window, padded.size)) return { input: padded.input, padding: 'same' };
  return addZeros(name, window.pads, padded);
}

/** Zeros as a layer of their own, where there are any. */
function addZeros(
  name: string,
  [top, left, bottom, right]: Pads,
  { draft, input }: Padded,
): PaddedInput {
  if (top + left + bottom + right === 0) return { input, padding: 'valid' };
  const config = {
    padding: [
      [top, bottom],
      [left, right],
    ],
    data_format: 'channels_last',
  };
  const padded = draft.add(draft.nameLayer(`${name}_pad`), 'ZeroPadding2D', {
    config,
    inputs: [input],
  });
  return { input: padded, padding: 'valid' };
}

/**
 * Of a pool over the largest number, what is beyond the picture never wins. Zeros are as good where nothing is below
 * them.
 *
 * @throws AlexNetError `UNSUPPORTED` for zeros beside negative numbers
 */
export function padMaxPool(
  { name, attributes }: NodeOf<'MaxPool'>,
  { isPositive, ...padded }: Padded & { readonly isPositive: boolean },
): PaddedInput {
  const pads = withOverhang(name, attributes, padded.size);
  const input = padWithZeros(name, { ...attributes, pads }, padded);
  if (input.padding === 'same' || isPositive || pads.every((pad) => pad === 0)) return input;
  throw unwritable(
    name,
    `pads by [${pads.join(', ')}] beside negative numbers, where zeros would win`,
  );
}

/**
 * Of a mean, "same" leaves what is beyond the picture out, zeros of a layer before it count.
 *
 * @throws AlexNetError `UNSUPPORTED` where neither does what the pool does
 */
export function padAveragePool(
  { name, attributes }: NodeOf<'AveragePool'>,
  padded: Padded,
): PaddedInput {
  const pads = withOverhang(name, attributes, padded.size);
  const hasPads = attributes.pads.some((pad) => pad > 0);
  const hasOverhang = pads.join() !== attributes.pads.join();
  const countsZeros = hasPads && attributes.countIncludePad;
  const window = { ...attributes, pads };
  if (!hasPads && !hasOverhang) return { input: padded.input, padding: 'valid' };
  if (!countsZeros && isSame(window, padded.size)) return { input: padded.input, padding: 'same' };
  if (!countsZeros || hasOverhang) {
    throw unwritable(
      name,
      `is a mean over windows that reach beyond the picture by [${pads.join(', ')}]`,
    );
  }
  return addZeros(name, pads, padded);
}

/** The padding with what `ceilMode` adds behind it. */
function withOverhang(name: string, attributes: NodeOf<'MaxPool'>['attributes'], size: Size): Pads {
  const [top, left, bottom, right] = attributes.pads;
  const [below, beyond] = inferOverhang(name, size, attributes);
  return [top, left, bottom + below, right + beyond];
}

/** Whether padding is what TensorFlow's "same" adds: some at all, half of it before the picture, rounded down. */
function isSame({ kernelShape, strides, pads }: WindowAttributes, size: Size): boolean {
  const along = (axis: 0 | 1) => {
    const windows = Math.ceil(size[axis] / strides[axis]);
    const added = Math.max(0, (windows - 1) * strides[axis] + kernelShape[axis] - size[axis]);
    const before = Math.floor(added / 2);
    return pads[axis] === before && pads[axis === 0 ? 2 : 3] === added - before;
  };
  return pads.some((pad) => pad > 0) && along(0) && along(1);
}
