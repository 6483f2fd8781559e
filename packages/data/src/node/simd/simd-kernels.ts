import { invariant } from '@alexnet/core';
import type { Picture } from '../../picture/picture.ts';
import type { Box } from '../../preprocess/geometry.ts';
import { LEVELS } from '../../preprocess/level-table.ts';
import { type PixelKernels, PORTABLE_KERNELS } from '../../preprocess/pixel-kernels.ts';
import type { Placing } from '../../preprocess/planes.ts';
import { planResample, type ResampleOptions, type ResamplePlan } from '../../resize/resample.ts';
import type { ResampleWeights } from '../../resize/resample-weights.ts';
import { createKernelMemory, type KernelMemory, ROOM_BYTES } from './kernel-memory.ts';

const RGB = 3;
const RGBX = 4;

/**
 * Resizes RGB pictures and writes their inputs by WebAssembly's SIMD, to the last bit as the portable kernels do,
 * which take what else there is: grey pictures, inputs that are larger than the picture, pictures of many pixels.
 *
 * A picture in the kernels' memory is read where it is, and an input there written where it is.
 */
export function createSimdKernels(memory: KernelMemory = createKernelMemory()): PixelKernels {
  return {
    resample(picture, options) {
      const isSuited = picture.channels === RGB && roomFor(picture, options) <= ROOM_BYTES;
      const plan = isSuited ? planResample(options) : null;
      return plan && (plan.horizontal || plan.vertical)
        ? resampleRgb(picture, plan, memory)
        : PORTABLE_KERNELS.resample(picture, options);
    },
    writePlanes(picture, out, placing) {
      if (isWhole(picture, placing)) writeRgb(picture, out, { placing, memory });
      else PORTABLE_KERNELS.writePlanes(picture, out, placing);
    },
  };
}

/** Bytes at most: the picture, what the first pass makes of it, the result, the weights, and the input's planes. */
function roomFor({ width, height }: Picture, { box, window }: ResampleOptions): number {
  const between = Math.max(window.width * box.height, window.height * box.width);
  const weights = 4 * (box.width + box.height + 16 * (window.width + window.height));
  const planes = (1 + RGB) * window.width * window.height;
  return RGBX * (width * height + between + planes + weights);
}

/** Whether the part fills the planes. */
function isWhole(picture: Picture, { area, left, top, table, planeWidth, planeSize }: Placing) {
  const isFilled = area.width === planeWidth && area.width * area.height === planeSize;
  const room = RGBX * (picture.width * picture.height + RGB * planeSize);
  return (
    picture.channels === RGB &&
    table.length === RGB * LEVELS &&
    isFilled &&
    left === 0 &&
    top === 0 &&
    room <= ROOM_BYTES
  );
}

function resampleRgb(picture: Picture, plan: ResamplePlan, memory: KernelMemory): Picture {
  const { horizontal, vertical, area, isVerticalFirst } = plan;
  let rows = bringRows(picture, area, memory);
  if (vertical && (isVerticalFirst || !horizontal)) rows = runColumns(rows, vertical, memory);
  if (horizontal) rows = runRows(rows, horizontal, memory);
  if (vertical && horizontal && !isVerticalFirst) rows = runColumns(rows, vertical, memory);
  const { width, height } = rows;
  if (rows.pixelBytes === RGBX) memory.kernels.packPixels(rows.at, rows.at, width * height);
  const pixels = memory.bytes(rows.at, width * height * RGB);
  return { width, height, channels: RGB, pixels };
}

/** Rows of pixels in the kernels' memory. */
interface Rows {
  readonly at: number;
  readonly stride: number;
  readonly pixelBytes: number;
  readonly width: number;
  readonly height: number;
}

/** Copied, unless they are there: in one piece where that copies little too much, else row by row. */
function bringRows({ width, pixels }: Picture, area: Box, memory: KernelMemory): Rows {
  const whole = width * RGB;
  const row = area.width * RGB;
  const first = area.top * whole + area.left * RGB;
  const rows = { pixelBytes: RGB, width: area.width, height: area.height };
  const there = memory.find(pixels);
  if (there !== null) return { ...rows, at: there + first, stride: whole };
  memory.clear();
  const isNarrow = 2 * area.width < width;
  const stride = isNarrow ? row : whole;
  const at = memory.reserve(stride * area.height);
  const room = memory.bytes(at, stride * area.height);
  if (!isNarrow) {
    room.set(pixels.subarray(area.top * whole, (area.top + area.height) * whole));
    return { ...rows, at: at + area.left * RGB, stride };
  }
  for (let y = 0; y < area.height; y++) {
    room.set(pixels.subarray(first + y * whole, first + y * whole + row), y * row);
  }
  return { ...rows, at, stride };
}

function runRows(rows: Rows, weights: ResampleWeights, memory: KernelMemory): Rows {
  const { at, stride, height } = rows;
  const width = weights.starts.length;
  const rowOut = width * RGBX;
  const records = writeRecords(weights, RGB, memory);
  // The kernel works on four rows at a time.
  const out = memory.reserve(rowOut * (height + 3));
  const { resampleRows } = memory.kernels;
  resampleRows(at, stride, height, records, recordBytes(weights), width, out, rowOut);
  return { at: out, stride: rowOut, pixelBytes: RGBX, width, height };
}

function runColumns(rows: Rows, weights: ResampleWeights, memory: KernelMemory): Rows {
  const { at, stride, width, pixelBytes } = rows;
  const height = weights.starts.length;
  const length = width * pixelBytes;
  const records = writeRecords(weights, stride, memory);
  const out = memory.reserve(length * height);
  const { resampleColumns } = memory.kernels;
  resampleColumns(at, stride, length, records, recordBytes(weights), height, out);
  return { at: out, stride: length, pixelBytes, width, height };
}

function recordBytes({ stride }: ResampleWeights): number {
  return 4 * (2 + stride);
}

/** As kernels.wat has them. */
function writeRecords(weights: ResampleWeights, step: number, memory: KernelMemory): number {
  const { starts, counts, stride, values } = weights;
  const at = memory.reserve(recordBytes(weights) * starts.length);
  const records = memory.integers(at, (2 + stride) * starts.length);
  let to = 0;
  for (let i = 0; i < starts.length; i++) {
    records[to++] = (starts[i] as number) * step;
    records[to++] = counts[i] as number;
    for (let k = i * stride; k < (i + 1) * stride; k++) records[to++] = values[k] as number;
  }
  return at;
}

function writeRgb(
  picture: Picture,
  out: Float32Array,
  { placing, memory }: { readonly placing: Placing; readonly memory: KernelMemory },
): void {
  const { area, table, planeWidth, planeSize, offset, mirror, isReversed } = placing;
  const { at, stride } = bringRows(picture, area, memory);
  const [red, green, blue] = isReversed ? [2, 1, 0] : [0, 1, 2];
  const tables = memory.floats(0, table.length);
  for (const [channel, plane] of [red, green, blue].entries()) {
    tables.set(table.subarray(plane * LEVELS, (plane + 1) * LEVELS), channel * LEVELS);
  }
  invariant(out.length >= offset + RGB * planeSize, 'the input is too short');
  const there = memory.find(out);
  const planes = there === null ? memory.reserve(4 * RGB * planeSize) : there + 4 * offset;
  memory.kernels.writeLevels(
    mirror ? at + RGB * (area.width - 1) : at,
    stride,
    mirror ? -RGB : RGB,
    area.width,
    area.height,
    planes + 4 * planeSize * red,
    planes + 4 * planeSize * green,
    planes + 4 * planeSize * blue,
    4 * planeWidth,
  );
  if (there === null) out.set(memory.floats(planes, RGB * planeSize), offset);
}
