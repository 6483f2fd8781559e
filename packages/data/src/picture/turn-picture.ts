import type { Orientation } from './exif-orientation.ts';
import type { Picture } from './picture.ts';

/** From a pixel of the upright picture to the stored one: swap its coordinates, then count backwards. */
interface Turn {
  readonly swap?: true;
  readonly backX?: true;
  readonly backY?: true;
}

const TURNS: Readonly<Record<Orientation, Turn>> = {
  1: {},
  2: { backX: true },
  3: { backX: true, backY: true },
  4: { backY: true },
  5: { swap: true },
  6: { swap: true, backY: true },
  7: { swap: true, backX: true, backY: true },
  8: { swap: true, backX: true },
};

/** The picture upright, as EXIF's orientation says. */
export function turnPicture(picture: Picture, orientation: Orientation): Picture {
  if (orientation === 1) return picture;
  const { channels } = picture;
  const { swap, backX, backY } = TURNS[orientation];
  const [width, height] = swap ? [picture.height, picture.width] : [picture.width, picture.height];
  const pixels = new Uint8Array(picture.pixels.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [across, down] = swap ? [y, x] : [x, y];
      const fromX = backX ? picture.width - 1 - across : across;
      const fromY = backY ? picture.height - 1 - down : down;
      const from = (fromY * picture.width + fromX) * channels;
      for (let c = 0; c < channels; c++) pixels[to++] = picture.pixels[from + c] as number;
    }
  }
  return { width, height, channels, pixels };
}
