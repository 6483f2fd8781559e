import type { Picture } from '../picture/picture.ts';

/**
 * A picture turned about its middle, in its own size; what was outside is black. Bilinear, bit for bit as
 * torchvision's `rotate` of a PIL picture.
 *
 * @param degrees - counter-clockwise
 * @see Pillow 13, `Image.rotate`; src/libImaging/Geometry.c: `affine_transform`, `bilinear_filter32RGB`
 */
export function rotatePicture(picture: Picture, degrees: number): Picture {
  const angle = ((degrees % 360) + 360) % 360;
  if (angle === 0) return picture;
  const { width, height, channels } = picture;
  const radians = -(angle * Math.PI) / 180;
  const cos = roundTo15(Math.cos(radians));
  const sin = roundTo15(Math.sin(radians));
  const across = cos * -(width / 2) + sin * -(height / 2) + width / 2;
  const down = -sin * -(width / 2) + cos * -(height / 2) + height / 2;
  const out = new Uint8Array(picture.pixels.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = cos * (x + 0.5) + sin * (y + 0.5) + across;
      const row = -sin * (x + 0.5) + cos * (y + 0.5) + down;
      if (column >= 0 && column < width && row >= 0 && row < height) {
        sample(picture, { column: column - 0.5, row: row - 0.5 }, { out, to });
      }
      to += channels;
    }
  }
  return { ...picture, pixels: out };
}

/** The weighted mean of four pixels; at an edge, of those that there are. */
function sample(
  { width, height, channels, pixels }: Picture,
  { column, row }: { readonly column: number; readonly row: number },
  { out, to }: { readonly out: Uint8Array; readonly to: number },
): void {
  const left = Math.floor(column);
  const top = Math.floor(row);
  const dx = column - left;
  const dy = row - top;
  const x0 = Math.max(left, 0) * channels;
  const x1 = Math.min(left + 1, width - 1) * channels;
  const upper = Math.max(top, 0) * width * channels;
  const lower = Math.min(top + 1, height - 1) * width * channels;
  for (let c = 0; c < channels; c++) {
    const a = pixels[upper + x0 + c] as number;
    const b = pixels[lower + x0 + c] as number;
    const above = a + ((pixels[upper + x1 + c] as number) - a) * dx;
    const below = b + ((pixels[lower + x1 + c] as number) - b) * dx;
    out[to + c] = Math.trunc(above + (below - above) * dy);
  }
}

/** As Python's `round(value, 15)`. */
function roundTo15(value: number): number {
  return Number(value.toFixed(15));
}
