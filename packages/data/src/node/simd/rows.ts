import type { Picture } from '../../picture/picture.ts';
import type { Box } from '../../preprocess/geometry.ts';
import type { KernelMemory } from './kernel-memory.ts';

export const RGB = 3;

/** Rows of pixels in the kernels' memory. */
export interface Rows {
  /** Address of the first pixel. */
  readonly at: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/** A picture in the kernels' memory whose rows come as they are asked for. */
export interface ArrivingPicture extends Picture {
  /** Brings rows, and gives the address of the picture's first pixel. */
  bringRows(top: number, height: number): number;
}

/** A part of a picture as rows of RGB; grey becomes three equal channels. */
export function bringRows(picture: Picture, area: Box, memory: KernelMemory): Rows {
  const rows = bringPart(picture, area, memory);
  return picture.channels === RGB ? rows : spreadGrey(rows, memory);
}

/** Copied, unless it is there: in one piece where that copies little too much, else row by row. */
function bringPart(picture: Picture, area: Box, memory: KernelMemory): Rows {
  const { width, channels } = picture;
  const whole = width * channels;
  const row = area.width * channels;
  const first = area.top * whole + area.left * channels;
  const rows = { width: area.width, height: area.height };
  const there = isArriving(picture)
    ? picture.bringRows(area.top, area.height)
    : memory.find(picture.pixels);
  if (there !== null) return { ...rows, at: there + first, stride: whole };
  const { pixels } = picture;
  memory.clear();
  const isNarrow = 2 * area.width < width;
  const stride = isNarrow ? row : whole;
  const at = memory.reserve(stride * area.height);
  const room = memory.bytes(at, stride * area.height);
  if (!isNarrow) {
    room.set(pixels.subarray(area.top * whole, (area.top + area.height) * whole));
    return { ...rows, at: at + area.left * channels, stride };
  }
  for (let y = 0; y < area.height; y++) {
    room.set(pixels.subarray(first + y * whole, first + y * whole + row), y * row);
  }
  return { ...rows, at, stride };
}

function isArriving(picture: Picture): picture is ArrivingPicture {
  return 'bringRows' in picture;
}

/** What the kernel writes behind a row, the next one overwrites. */
function spreadGrey({ at, stride, width, height }: Rows, memory: KernelMemory): Rows {
  const strideOut = RGB * width;
  const out = memory.reserve(strideOut * height + 48);
  for (let y = 0; y < height; y++) {
    memory.kernels.spreadGrey(at + y * stride, out + y * strideOut, width);
  }
  return { at: out, stride: strideOut, width, height };
}

/** Rows without gaps as a picture, which stays in the kernels' memory; of grey the first channel. */
export function takePicture(
  { at, width, height }: Rows,
  channels: Picture['channels'],
  memory: KernelMemory,
): Picture {
  const length = width * height;
  const size = { width, height, channels };
  if (channels === RGB) return { ...size, pixels: memory.bytes(at, RGB * length) };
  const out = memory.reserve(length);
  memory.kernels.takeGrey(at, out, length);
  return { ...size, pixels: memory.bytes(out, length) };
}
