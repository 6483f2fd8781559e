export type Color = readonly [red: number, green: number, blue: number];

/** Colours that a number from 0 to 1 goes through, evenly spaced. */
export type Ramp = readonly Color[];

/** matplotlib's viridis (CC0) at eighths: dark to bright in even steps, readable without colour vision. */
export const VIRIDIS: Ramp = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** The colour of a number from 0 to 1; what lies outside gets the nearest end. */
export function rampColor(ramp: Ramp, value: number): Color {
  const place = Math.min(1, Math.max(0, value)) * (ramp.length - 1);
  const index = Math.min(Math.floor(place), ramp.length - 2);
  const low = ramp[index] ?? [0, 0, 0];
  const high = ramp[index + 1] ?? low;
  const share = place - index;
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(low[channel] + (high[channel] - low[channel]) * share);
  return [mix(0), mix(1), mix(2)];
}

/** Steps of a palette: more than a screen can show apart. */
const LEVELS = 256;

/** A ramp made ready for many pixels: one word of opaque RGBA for each step. */
export interface Palette {
  /** The word for a number from 0 to 1, to be written into a `Uint32Array` over the pixels. */
  wordOf(value: number): number;
}

export function createPalette(ramp: Ramp): Palette {
  const bytes = new Uint8Array(LEVELS * 4);
  for (let level = 0; level < LEVELS; level++) {
    bytes.set([...rampColor(ramp, level / (LEVELS - 1)), 255], level * 4);
  }
  // Read in the machine's own order of bytes, as they will be written.
  const words = new Uint32Array(bytes.buffer);
  return { wordOf: (value) => words[Math.round(value * (LEVELS - 1))] ?? 0 };
}
