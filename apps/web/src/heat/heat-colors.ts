import { type Ramp, rampColor } from '../color-ramp.ts';

/** What speaks for the class: the more, the warmer and the less transparent. */
const FOR: Ramp = [
  [255, 214, 102],
  [250, 130, 40],
  [214, 24, 30],
];
/** What speaks against it. */
const AGAINST: Ramp = [
  [150, 200, 255],
  [40, 110, 230],
];
const MOST_OPAQUE = 0.8;

/**
 * Colours of a heat map that lies over a picture: transparent at 0.
 *
 * @param values - one for each pixel
 * @param limit - the value, of either sign, that gets the strongest colour
 * @returns RGBA
 */
export function paintHeat(
  values: ArrayLike<number>,
  limit: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let index = 0; index < values.length; index++) {
    const share = limit > 0 ? Math.max(-1, Math.min(1, (values[index] ?? 0) / limit)) : 0;
    const strength = Math.abs(share);
    pixels.set(rampColor(share < 0 ? AGAINST : FOR, strength), index * 4);
    pixels[index * 4 + 3] = 255 * MOST_OPAQUE * strength ** 0.7;
  }
  return pixels;
}
