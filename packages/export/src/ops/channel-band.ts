/** Channels, and the window around each of them inside its group. */
export interface ChannelWindow {
  readonly channels: number;
  readonly groups: number;
  /** ⌊(size − 1) / 2⌋ channels before, ⌈(size − 1) / 2⌉ behind. */
  readonly size: number;
}

/** [channels, channels / groups]: row c holds `value` at the channels of its group in the window around c. */
export function makeChannelBand(
  value: number,
  { channels, groups, size }: ChannelWindow,
): Float32Array {
  const perGroup = channels / groups;
  const before = Math.floor((size - 1) / 2);
  const band = new Float32Array(channels * perGroup);
  for (let row = 0; row < channels; row++) {
    const first = (row % perGroup) - before;
    const begin = Math.max(0, first);
    const end = Math.min(perGroup, first + size);
    band.fill(value, row * perGroup + begin, row * perGroup + end);
  }
  return band;
}
