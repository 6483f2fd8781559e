import type { Tensor } from '@alexnet/core';
import { Correlation } from './correlation.ts';

/** What the filters of a first convolution tell of what they were trained on. */
export interface FirstFilters {
  readonly count: number;
  /** Share of the weights' energy (sum of squares) that each input channel has, in the tensor's order. */
  readonly channelEnergy: readonly number[];
  /**
   * Correlation of neighbouring pixels of a filter. Trained filters are smooth, fresh ones are noise, around 0;
   * kernels of 3×3 are too small to say.
   */
  readonly smoothness: number;
}

/** @param weight - [O, C, kH, kW] */
export function measureFirstFilters({ shape, data }: Tensor): FirstFilters {
  const [O = 0, C = 0, H = 0, W = 0] = shape;
  const energy = Array.from({ length: C }, () => 0);
  const neighbours = new Correlation();
  for (let plane = 0; plane < O * C; plane += 1) {
    for (let i = 0; i < H * W; i += 1) {
      const value = data[plane * H * W + i] ?? 0;
      const channel = plane % C;
      energy[channel] = (energy[channel] ?? 0) + value * value;
      if (i % W > 0) neighbours.add(value, data[plane * H * W + i - 1] ?? 0);
      if (i >= W) neighbours.add(value, data[plane * H * W + i - W] ?? 0);
    }
  }
  const total = energy.reduce((sum, each) => sum + each, 0);
  return {
    count: O,
    channelEnergy: energy.map((each) => (total > 0 ? each / total : 0)),
    smoothness: neighbours.value,
  };
}

/** Fewer filters say little. */
const LEAST_FILTERS = 16;
/** Kernels at least so large are expected to be smooth. */
const LARGE_KERNEL = 5;
/** Below this, large filters are noise. */
const LEAST_SMOOTHNESS = 0.15;
/** How far red has to be from half of what red and blue have together. */
const LEAST_LEAN = 0.07;

export interface ColourOrder {
  readonly order: 'RGB' | 'BGR' | null;
  /** How it was told, or why not. */
  readonly reason: string;
}

/**
 * The likely order of the channels that a network was trained on.
 *
 * Networks of photos weigh the channels about as the eye does, .30 red, .59 green and .11 blue: detail is in the
 * luminance, and what a JPEG keeps of it is least in blue. So red has more of conv1's energy than blue. Of five
 * networks that this was measured on (SqueezeNet 1.1, open_nsfw, two MobileNets, Inception v3) red had 62 to 70 % of what
 * both have, and of one that was trained on flowers alone 47 %: this is evidence, and no proof.
 */
export function guessColourOrder(
  { count, channelEnergy, smoothness }: FirstFilters,
  kernel: number,
): ColourOrder {
  const [first = 0, middle = 0, last = 0] = channelEnergy;
  if (channelEnergy.length !== 3) return { order: null, reason: 'the pictures are grey' };
  const shown = channelEnergy.map((share) => `${Math.round(share * 100)} %`).join(', ');
  const evidence = `conv1's energy by channel is ${shown}`;
  if (count < LEAST_FILTERS) {
    return { order: null, reason: `${evidence}, but ${count} filters are too few to tell` };
  }
  if (kernel >= LARGE_KERNEL && smoothness < LEAST_SMOOTHNESS) {
    return {
      order: null,
      reason: `${evidence}, but its filters are noise: nothing was learnt yet`,
    };
  }
  const share = first / (first + last || 1);
  if (Math.abs(share - 0.5) < LEAST_LEAN) {
    return {
      order: null,
      reason: `${evidence}: the first and the last are too much alike to tell`,
    };
  }
  const order = share > 0.5 ? 'RGB' : 'BGR';
  const doubt =
    middle < Math.max(first, last) ? '; green should have most, so that this is weak' : '';
  return {
    order,
    reason: `${evidence}, and photos give red more than blue (62–70 % of both in networks that were measured)${doubt}`,
  };
}
