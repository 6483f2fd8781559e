import type { Picture } from '../picture/picture.ts';
import type { Box } from './geometry.ts';
import { LEVELS } from './level-table.ts';

/** Which part of a picture becomes which part of a network's input, and by which values. */
export interface Placing {
  /** What each byte becomes: {@link LEVELS} values for each channel of the tensor, one channel after another. */
  readonly table: Float32Array;
  /** The part of the picture. */
  readonly area: Box;
  /** Index in the input of the first plane's first value. */
  readonly offset: number;
  readonly planeWidth: number;
  readonly planeSize: number;
  /** Where the part's upper left corner lies in the plane, before mirroring. */
  readonly left: number;
  readonly top: number;
  readonly mirror: boolean;
  /** Whether the first plane takes the picture's last channel, and so on. */
  readonly isReversed: boolean;
}

/** Puts a part of a picture into the planes [C, H, W] of an input, each byte by way of its channel's table. */
export function writePlanes(picture: Picture, out: Float32Array, placing: Placing): void {
  const { area, left, top, planeWidth, planeSize, mirror, offset, table } = placing;
  const { width, pixels, channels } = picture;
  const first = top * planeWidth + (mirror ? planeWidth - 1 - left : left);
  const copy = {
    from: (area.top * width + area.left) * channels,
    rowIn: width * channels,
    to: offset + first,
    rowOut: planeWidth,
    width: area.width,
    height: area.height,
    step: mirror ? -1 : 1,
  };
  if (channels === 3) {
    writeRgb(pixels, out, { ...copy, table, planeSize, isReversed: placing.isReversed });
    return;
  }
  for (let c = 0; c * LEVELS < table.length; c++) {
    const levels = table.subarray(c * LEVELS, (c + 1) * LEVELS);
    writeGrey(pixels, out, { ...copy, table: levels, to: copy.to + c * planeSize });
  }
}

/** Rows to read and rows to write, as indices. */
interface Copy {
  readonly table: Float32Array;
  readonly from: number;
  readonly rowIn: number;
  readonly to: number;
  readonly rowOut: number;
  readonly width: number;
  readonly height: number;
  /** From one value to the next: 1, or −1 for a mirror image. */
  readonly step: number;
}

/**
 * All three planes at once, four pixels at a time: three words are loaded instead of twelve bytes. That, and one
 * table and one array for all planes, halve the time. For `as number` and `| 0` see resample-passes.ts.
 */
function writeRgb(
  pixels: Uint8Array,
  out: Float32Array,
  {
    table,
    from,
    rowIn,
    to,
    rowOut,
    width,
    height,
    step,
    planeSize,
    isReversed,
  }: Copy & { readonly planeSize: number; readonly isReversed: boolean },
): void {
  // Words begin at multiples of four in memory, where the pixels need not begin.
  const shift = pixels.byteOffset & 3;
  const words = new Uint32Array(
    pixels.buffer,
    pixels.byteOffset - shift,
    (pixels.length + shift) >> 2,
  );
  const group = isLittleEndian() ? 4 : Number.POSITIVE_INFINITY;
  const last = 2 * planeSize;
  const red = (to + (isReversed ? last : 0)) | 0;
  const green = (to + planeSize) | 0;
  const blue = (to + (isReversed ? 0 : last)) | 0;
  const redLevels = (isReversed ? 2 * LEVELS : 0) | 0;
  const greenLevels = LEVELS | 0;
  const blueLevels = (isReversed ? 0 : 2 * LEVELS) | 0;
  for (let y = 0; y < height; y++) {
    let p = (from + y * rowIn + shift) | 0;
    let q = (y * rowOut) | 0;
    let x = 0;
    while (x < width) {
      if ((p & 3) === 0 && x + group <= width) {
        const w = p >> 2;
        const a = words[w] as number;
        const b = words[w + 1] as number;
        const c = words[w + 2] as number;
        out[red + q] = table[((a & 255) + redLevels) | 0] as number;
        out[green + q] = table[(((a >>> 8) & 255) + greenLevels) | 0] as number;
        out[blue + q] = table[(((a >>> 16) & 255) + blueLevels) | 0] as number;
        q = (q + step) | 0;
        out[red + q] = table[((a >>> 24) + redLevels) | 0] as number;
        out[green + q] = table[((b & 255) + greenLevels) | 0] as number;
        out[blue + q] = table[(((b >>> 8) & 255) + blueLevels) | 0] as number;
        q = (q + step) | 0;
        out[red + q] = table[(((b >>> 16) & 255) + redLevels) | 0] as number;
        out[green + q] = table[((b >>> 24) + greenLevels) | 0] as number;
        out[blue + q] = table[((c & 255) + blueLevels) | 0] as number;
        q = (q + step) | 0;
        out[red + q] = table[(((c >>> 8) & 255) + redLevels) | 0] as number;
        out[green + q] = table[(((c >>> 16) & 255) + greenLevels) | 0] as number;
        out[blue + q] = table[((c >>> 24) + blueLevels) | 0] as number;
        q = (q + step) | 0;
        p = (p + 12) | 0;
        x = (x + 4) | 0;
      } else {
        const i = (p - shift) | 0;
        out[red + q] = table[((pixels[i] as number) + redLevels) | 0] as number;
        out[green + q] = table[((pixels[i + 1] as number) + greenLevels) | 0] as number;
        out[blue + q] = table[((pixels[i + 2] as number) + blueLevels) | 0] as number;
        q = (q + step) | 0;
        p = (p + 3) | 0;
        x = (x + 1) | 0;
      }
    }
  }
}

/** Whether the first byte of a word is its lowest; so it is on every processor that people have. */
function isLittleEndian(): boolean {
  return new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
}

function writeGrey(
  pixels: Uint8Array,
  out: Float32Array,
  { table, from, rowIn, to, rowOut, width, height, step }: Copy,
): void {
  for (let y = 0; y < height; y++) {
    let p = (from + y * rowIn) | 0;
    let q = (to + y * rowOut) | 0;
    for (let x = 0; x < width; x++) {
      out[q] = table[pixels[p] as number] as number;
      p = (p + 1) | 0;
      q = (q + step) | 0;
    }
  }
}
