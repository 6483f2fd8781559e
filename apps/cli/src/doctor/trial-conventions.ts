import type { Preprocessing } from '@alexnet/core';
import { isSameRange, PIXEL_RANGES, type PixelRange, withPixelRange } from '@alexnet/weights';

/** A way to prepare pictures that people mean when they do not say. */
export interface TrialConvention {
  readonly preprocessing: Preprocessing;
  readonly channelOrder: Preprocessing['channels'];
  /** `null` for one that has no name: what the file says. */
  readonly pixels: PixelRange | null;
}

/** What is assumed, and the other ways: both orders of channels, each range. Resize and crop stay. */
export function listConventions(assumed: Preprocessing): readonly TrialConvention[] {
  const orders = assumed.channels === 'grey' ? (['grey'] as const) : (['RGB', 'BGR'] as const);
  const all = orders.flatMap((channelOrder) => {
    return PIXEL_RANGES.map((pixels): TrialConvention => {
      const preprocessing = withPixelRange({ ...assumed, channels: channelOrder }, pixels);
      return isSameRange(preprocessing, assumed)
        ? { preprocessing: assumed, channelOrder, pixels }
        : { preprocessing, channelOrder, pixels };
    });
  });
  const isThere = all.some(({ preprocessing }) => preprocessing === assumed);
  const own = { preprocessing: assumed, channelOrder: assumed.channels, pixels: null };
  return isThere ? all : [own, ...all];
}
