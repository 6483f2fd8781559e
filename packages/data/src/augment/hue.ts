import type { Picture } from '../picture/picture.ts';

/**
 * A picture with its hues turned, bit for bit as torchvision's `adjust_hue` of a PIL picture: by way of
 * Pillow's HSV in bytes, which rounds even where nothing is turned.
 *
 * @param turn - −0.5 … 0.5 of the colour circle; truncated to whole 255ths
 * @see torchvision 0.29, `_functional_pil.adjust_hue` · Pillow 13, src/libImaging/Convert.c: `rgb2hsv_row`,
 *   `hsv2rgb`
 */
export function turnHue(picture: Picture, turn: number): Picture {
  if (picture.channels === 1) return picture;
  const steps = Math.trunc(turn * 255) & 255;
  const { pixels } = picture;
  const out = new Uint8Array(pixels.length);
  for (let p = 0; p < out.length; p += 3) {
    const red = pixels[p] as number;
    const green = pixels[p + 1] as number;
    const blue = pixels[p + 2] as number;
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    const saturation = chroma === 0 ? 0 : Math.trunc(Math.fround(chroma / value) * 255);
    if (saturation === 0) {
      out.fill(value, p, p + 3);
      continue;
    }
    const hue = (hueOf({ red, green, blue }, value, chroma) + steps) & 255;
    writeRgb(out, p, { hue, saturation, value });
  }
  return { ...picture, pixels: out };
}

/** In 255ths of the circle. */
function hueOf(
  { red, green, blue }: { red: number; green: number; blue: number },
  value: number,
  chroma: number,
): number {
  const fromRed = Math.fround((value - red) / chroma);
  const fromGreen = Math.fround((value - green) / chroma);
  const fromBlue = Math.fround((value - blue) / chroma);
  let sixths: number;
  if (red === value) sixths = fromBlue - fromGreen;
  else if (green === value) sixths = 2 + fromRed - fromBlue;
  else sixths = 4 + fromGreen - fromRed;
  return Math.trunc(Math.fround((Math.fround(sixths) / 6 + 1) % 1) * 255);
}

function writeRgb(
  out: Uint8Array,
  p: number,
  { hue, saturation, value }: { hue: number; saturation: number; value: number },
): void {
  const sixths = (hue * 6) / 255;
  const sector = Math.floor(sixths);
  const rest = Math.fround(sixths - sector);
  const share = Math.fround(saturation / 255);
  const least = Math.round(value * (1 - share));
  const falling = Math.round(value * (1 - Math.fround(share * rest)));
  const rising = Math.round(value * (1 - share * (1 - rest)));
  switch (sector % 6) {
    case 0:
      write(out, p, value, rising, least);
      break;
    case 1:
      write(out, p, falling, value, least);
      break;
    case 2:
      write(out, p, least, value, rising);
      break;
    case 3:
      write(out, p, least, falling, value);
      break;
    case 4:
      write(out, p, rising, least, value);
      break;
    default:
      write(out, p, value, least, falling);
  }
}

function write(out: Uint8Array, p: number, ...[red, green, blue]: [number, number, number]): void {
  out[p] = red;
  out[p + 1] = green;
  out[p + 2] = blue;
}
