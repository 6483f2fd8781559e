import type { Stage } from './stages.ts';

/** How large things are drawn; one scale for a whole picture. */
export interface Scale {
  /** Pixels of the picture for one pixel of a map: heights, widths and kernels, all to this one scale. */
  readonly perPixel: number;
  /** A length of `n` channels or features: this times √n. */
  readonly perRootChannel: number;
}

/** Height of the largest map. */
const LARGEST_MAP = 300;
/** Maps of a few pixels are not blown up beyond this. */
const LARGEST_PIXEL = 12;
/** Depth or height of the box with the most channels or features. */
const LARGEST_DEPTH = 190;
const PER_ROOT_CHANNEL = 3;

/**
 * One scale for heights and widths, in which the largest map fills the picture. Depths span 3 to 4096 channels: they
 * are drawn by their square root, to one scale as well.
 */
export function chooseScale(stages: readonly Stage[]): Scale {
  const largestSide = Math.max(...stages.flatMap(({ size }) => size));
  const mostChannels = Math.max(
    ...stages.map(({ channels, isSplit }) => (isSplit ? channels / 2 : channels)),
  );
  return {
    perPixel: Math.min(LARGEST_PIXEL, LARGEST_MAP / largestSide),
    perRootChannel: Math.min(PER_ROOT_CHANNEL, LARGEST_DEPTH / Math.sqrt(mostChannels)),
  };
}

export function depthOf(channels: number, { perRootChannel }: Scale): number {
  return perRootChannel * Math.sqrt(channels);
}
