import type { Preprocessing } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';

/** The number of channels that a channel order has. */
export function countChannels(channels: Preprocessing['channels']): 1 | 3 {
  return channels === 'grey' ? 1 : 3;
}

/**
 * The picture in shades of grey, bit for bit as Pillow's `convert('L')`.
 *
 *   grey = (19595 · red + 38470 · green + 7471 · blue + 2¹⁵) >> 16
 *
 * @see Pillow 13, src/libImaging/Convert.c: `L24`; the weights are those of ITU-R 601-2
 */
export function toGrey(picture: Picture): Picture {
  if (picture.channels === 1) return picture;
  const { width, height, pixels } = picture;
  const grey = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < grey.length; i++, p += 3) {
    const red = pixels[p] as number;
    const green = pixels[p + 1] as number;
    const blue = pixels[p + 2] as number;
    grey[i] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }
  return { width, height, channels: 1, pixels: grey };
}

/** RGBA pixels as RGB; the colours stay as they are. */
export function dropAlpha(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return rgb;
}

/** The one channel of RGBA pixels whose colours are equal. */
export function takeGrey(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  return Uint8Array.from({ length: rgba.length / 4 }, (_, i) => rgba[4 * i] as number);
}
