import type { Picture } from './picture.ts';

/** One channel of a network's input, and what it takes its values from. */
export interface Plane {
  readonly values: Float32Array;
  /** The value of each byte. */
  readonly table: Float32Array;
  /** Channel of the picture; grey pictures give theirs to any. */
  readonly sourceChannel: number;
}

export interface Placing {
  /** Where the picture's upper left corner lies in the plane, before mirroring. */
  readonly left: number;
  readonly top: number;
  readonly planeWidth: number;
  readonly mirror: boolean;
}

/** Puts a picture into the planes [C, H, W], each byte by way of the plane's table. */
export function writePlanes(picture: Picture, planes: readonly Plane[], placing: Placing): void {
  const [first, second, third] = planes;
  if (picture.channels === 3 && first && second && third) {
    writeRgb(picture, [first, second, third], placing);
  } else {
    for (const plane of planes) writeGrey(picture, plane, placing);
  }
}

/** All three at once: quicker than one after another, which reads the picture three times. */
function writeRgb(
  { width, height, pixels }: Picture,
  [a, b, c]: readonly [Plane, Plane, Plane],
  placing: Placing,
): void {
  const { values: valuesA, table: tableA, sourceChannel: channelA } = a;
  const { values: valuesB, table: tableB, sourceChannel: channelB } = b;
  const { values: valuesC, table: tableC, sourceChannel: channelC } = c;
  const step = placing.mirror ? -1 : 1;
  let from = 0;
  for (let y = 0; y < height; y++) {
    let to = startOfRow(y, placing);
    for (let x = 0; x < width; x++) {
      valuesA[to] = tableA[pixels[from + channelA] as number] as number;
      valuesB[to] = tableB[pixels[from + channelB] as number] as number;
      valuesC[to] = tableC[pixels[from + channelC] as number] as number;
      from += 3;
      to = (to + step) | 0;
    }
  }
}

function writeGrey({ width, height, pixels }: Picture, plane: Plane, placing: Placing): void {
  const { values, table } = plane;
  const step = placing.mirror ? -1 : 1;
  let from = 0;
  for (let y = 0; y < height; y++) {
    let to = startOfRow(y, placing);
    for (let x = 0; x < width; x++) {
      values[to] = table[pixels[from++] as number] as number;
      to = (to + step) | 0;
    }
  }
}

/** Index of what the first pixel of the picture's row y becomes. */
function startOfRow(y: number, { left, top, planeWidth, mirror }: Placing): number {
  const row = (top + y) * planeWidth;
  return (mirror ? row + planeWidth - 1 - left : row + left) | 0;
}
