import type { Picture } from '../picture/picture.ts';
import type { Box } from '../preprocess/geometry.ts';
import { PRECISION_BITS, type ResampleWeights } from './resample-weights.ts';

/*
 * The loops that resizing spends its time in, written for speed:
 *
 * - `as number` where an index is in range by construction: `?? 0` would be a test at every step;
 * - `| 0` on every index, since a side that was worked out as floating point would make them so too, which
 *   takes three times as long;
 * - two weights, which is what enlarging takes, and up to four are unrolled, missing ones being 0 times a
 *   pixel that is there anyway;
 * - the horizontal pass goes down a column of few rows at a time, which loads each weight once and stays
 *   in the first-level cache.
 *
 * Output is clamped: a bicubic sum can leave 0 … 255.
 */

const HALF = 1 << (PRECISION_BITS - 1);
const UNROLLED = 4;
const BLOCK_ROWS = 16;

/** The horizontal pass over an area of the picture. */
export function resampleRows(picture: Picture, area: Box, weights: ResampleWeights): Picture {
  const width = weights.starts.length;
  const out = new Uint8ClampedArray(width * area.height * picture.channels);
  const resampleBlock = picture.channels === 3 ? resampleRgbBlock : resampleGreyBlock;
  for (let y = 0; y < area.height; y += BLOCK_ROWS) {
    const height = Math.min(BLOCK_ROWS, area.height - y) | 0;
    const rowOut = out.subarray(y * width * picture.channels);
    resampleBlock(picture, { ...area, top: area.top + y, height }, weights, rowOut);
  }
  return { width, height: area.height, channels: picture.channels, pixels: toBytes(out) };
}

function resampleRgbBlock(
  { width, pixels }: Picture,
  { left, top, height }: Box,
  weights: ResampleWeights,
  out: Uint8ClampedArray,
): void {
  const { starts, counts, stride, values } = weights;
  const rowIn = width * 3;
  const rowOut = starts.length * 3;
  for (let x = 0; x < starts.length; x++) {
    const first = x * stride;
    const count = counts[x] as number;
    let p = (top * rowIn + (left + (starts[x] as number)) * 3) | 0;
    let to = (x * 3) | 0;
    if (count <= 2) {
      sumTwoPixels(
        { pixels, from: p, step: rowIn },
        [values[first] as number, count > 1 ? (values[first + 1] as number) : 0],
        { out, to, step: rowOut, height, next: count > 1 ? 3 : 0 },
      );
      continue;
    }
    if (count > UNROLLED) {
      sumManyPixels({ pixels, from: p, step: rowIn }, values.subarray(first, first + count), {
        out,
        to,
        step: rowOut,
        height,
      });
      continue;
    }
    const a = values[first] as number;
    const b = values[first + 1] as number;
    const c = values[first + 2] as number;
    const d = count > 3 ? (values[first + 3] as number) : 0;
    const toB = 3;
    const toC = 6;
    const toD = count > 3 ? 9 : 0;
    for (let y = 0; y < height; y++) {
      const q = (p + toB) | 0;
      const r = (p + toC) | 0;
      const s = (p + toD) | 0;
      out[to] =
        (HALF +
          Math.imul(a, pixels[p] as number) +
          Math.imul(b, pixels[q] as number) +
          Math.imul(c, pixels[r] as number) +
          Math.imul(d, pixels[s] as number)) >>
        PRECISION_BITS;
      out[to + 1] =
        (HALF +
          Math.imul(a, pixels[p + 1] as number) +
          Math.imul(b, pixels[q + 1] as number) +
          Math.imul(c, pixels[r + 1] as number) +
          Math.imul(d, pixels[s + 1] as number)) >>
        PRECISION_BITS;
      out[to + 2] =
        (HALF +
          Math.imul(a, pixels[p + 2] as number) +
          Math.imul(b, pixels[q + 2] as number) +
          Math.imul(c, pixels[r + 2] as number) +
          Math.imul(d, pixels[s + 2] as number)) >>
        PRECISION_BITS;
      p = (p + rowIn) | 0;
      to = (to + rowOut) | 0;
    }
  }
}

/** A column of RGB pixels, each the weighted sum of two neighbours, or of one. */
function sumTwoPixels(
  { pixels, from, step }: Rows,
  [a, b]: readonly [number, number],
  column: { out: Uint8ClampedArray; to: number; step: number; height: number; next: number },
): void {
  const { out, height, next } = column;
  let to = column.to | 0;
  let p = from | 0;
  for (let y = 0; y < height; y++) {
    const q = (p + next) | 0;
    out[to] =
      (HALF + Math.imul(a, pixels[p] as number) + Math.imul(b, pixels[q] as number)) >>
      PRECISION_BITS;
    out[to + 1] =
      (HALF + Math.imul(a, pixels[p + 1] as number) + Math.imul(b, pixels[q + 1] as number)) >>
      PRECISION_BITS;
    out[to + 2] =
      (HALF + Math.imul(a, pixels[p + 2] as number) + Math.imul(b, pixels[q + 2] as number)) >>
      PRECISION_BITS;
    p = (p + step) | 0;
    to = (to + column.step) | 0;
  }
}

/** A column of RGB pixels, each the weighted sum of any number of neighbours. */
function sumManyPixels(
  { pixels, from, step }: Rows,
  weights: Int32Array,
  column: { out: Uint8ClampedArray; to: number; step: number; height: number },
): void {
  const { out, height } = column;
  let to = column.to | 0;
  for (let y = 0; y < height; y++) {
    let p = (from + y * step) | 0;
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    for (let k = 0; k < weights.length; k++) {
      const weight = weights[k] as number;
      red = (red + Math.imul(weight, pixels[p] as number)) | 0;
      green = (green + Math.imul(weight, pixels[p + 1] as number)) | 0;
      blue = (blue + Math.imul(weight, pixels[p + 2] as number)) | 0;
      p += 3;
    }
    out[to] = red >> PRECISION_BITS;
    out[to + 1] = green >> PRECISION_BITS;
    out[to + 2] = blue >> PRECISION_BITS;
    to = (to + column.step) | 0;
  }
}

function resampleGreyBlock(
  { width, pixels }: Picture,
  { left, top, height }: Box,
  { starts, counts, stride, values }: ResampleWeights,
  out: Uint8ClampedArray,
): void {
  for (let x = 0; x < starts.length; x++) {
    const end = x * stride + (counts[x] as number);
    const column = left + (starts[x] as number);
    for (let y = 0; y < height; y++) {
      let p = ((top + y) * width + column) | 0;
      let sum = HALF;
      for (let k = x * stride; k < end; k++) {
        sum = (sum + Math.imul(values[k] as number, pixels[p++] as number)) | 0;
      }
      out[y * starts.length + x] = sum >> PRECISION_BITS;
    }
  }
}

/** The vertical pass over an area of the picture. */
export function resampleColumns(picture: Picture, area: Box, weights: ResampleWeights): Picture {
  const { starts, counts, stride, values } = weights;
  const { channels, pixels } = picture;
  const rowIn = picture.width * channels;
  const row = area.width * channels;
  const out = new Uint8ClampedArray(row * starts.length);
  for (let y = 0; y < starts.length; y++) {
    const from = ((area.top + (starts[y] as number)) * rowIn + area.left * channels) | 0;
    const rows = { pixels, from, step: rowIn };
    const weights = { values, first: y * stride, count: counts[y] as number };
    const target = { out, to: (y * row) | 0, length: row | 0 };
    if (weights.count <= 2) sumTwoRows(rows, weights, target);
    else if (weights.count <= UNROLLED) sumFewRows(rows, weights, target);
    else sumManyRows(rows, weights, target);
  }
  return { width: area.width, height: starts.length, channels, pixels: toBytes(out) };
}

/** Rows of bytes that begin `step` bytes after one another. */
interface Rows {
  readonly pixels: Uint8Array;
  readonly from: number;
  readonly step: number;
}

/** The weights of one output sample. */
interface Weights {
  readonly values: Int32Array;
  readonly first: number;
  readonly count: number;
}

/** Where a row of bytes goes. */
interface Target {
  readonly out: Uint8ClampedArray;
  readonly to: number;
  readonly length: number;
}

function sumTwoRows(
  { pixels, from, step }: Rows,
  { values, first, count }: Weights,
  { out, to, length }: Target,
): void {
  const a = values[first] as number;
  const b = count > 1 ? (values[first + 1] as number) : 0;
  const next = (count > 1 ? from + step : from) | 0;
  for (let x = 0; x < length; x++) {
    out[(to + x) | 0] =
      (HALF +
        Math.imul(a, pixels[(from + x) | 0] as number) +
        Math.imul(b, pixels[(next + x) | 0] as number)) >>
      PRECISION_BITS;
  }
}

function sumFewRows(
  { pixels, from, step }: Rows,
  { values, first, count }: Weights,
  { out, to, length }: Target,
): void {
  const a = values[first] as number;
  const b = values[first + 1] as number;
  const c = values[first + 2] as number;
  const d = count > 3 ? (values[first + 3] as number) : 0;
  const second = (from + step) | 0;
  const third = (second + step) | 0;
  const fourth = (count > 3 ? third + step : third) | 0;
  for (let x = 0; x < length; x++) {
    out[(to + x) | 0] =
      (HALF +
        Math.imul(a, pixels[(from + x) | 0] as number) +
        Math.imul(b, pixels[(second + x) | 0] as number) +
        Math.imul(c, pixels[(third + x) | 0] as number) +
        Math.imul(d, pixels[(fourth + x) | 0] as number)) >>
      PRECISION_BITS;
  }
}

function sumManyRows(
  { pixels, from, step }: Rows,
  { values, first, count }: Weights,
  { out, to, length }: Target,
): void {
  const sums = new Int32Array(length).fill(HALF);
  for (let k = 0; k < count; k++) {
    const weight = values[first + k] as number;
    const p = (from + k * step) | 0;
    for (let x = 0; x < length; x++) {
      sums[x] = (sums[x] as number) + Math.imul(weight, pixels[(p + x) | 0] as number);
    }
  }
  for (let x = 0; x < length; x++) out[(to + x) | 0] = (sums[x] as number) >> PRECISION_BITS;
}

function toBytes(clamped: Uint8ClampedArray<ArrayBuffer>): Uint8Array {
  return new Uint8Array(clamped.buffer);
}
