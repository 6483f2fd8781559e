import { invariant } from '@alexnet/core';
import type { Picture } from '../../picture/picture.ts';
import { LEVELS } from '../../preprocess/level-table.ts';
import type { Placing } from '../../preprocess/planes.ts';
import type { KernelMemory } from './kernel-memory.ts';
import type { LevelArithmetic } from './level-arithmetic.ts';
import { bringRows, RGB } from './rows.ts';

/** Pixels of a group. */
const GROUP = 4;
/** Red, green, blue and one byte to spare of each pixel of a group, in order and the other way round. */
const ORDER = [0, 1, 2, 15, 3, 4, 5, 15, 6, 7, 8, 15, 9, 10, 11, 15] as const;
const MIRRORED_ORDER = [9, 10, 11, 15, 6, 7, 8, 15, 3, 4, 5, 15, 0, 1, 2, 15] as const;

/** Whether the kernel can write it: a part that fills three planes, of rows that have a group. */
export function fillsPlanes({ area, left, top, table, planeWidth, planeSize }: Placing): boolean {
  const isFilled = area.width === planeWidth && area.width * area.height === planeSize;
  const isRgb = table.length === RGB * LEVELS;
  return isRgb && isFilled && left === 0 && top === 0 && area.width >= GROUP;
}

/** Writes the planes of a part of a picture that {@link fillsPlanes}. */
export function writeLevels(
  picture: Picture,
  out: Float32Array,
  {
    placing,
    arithmetic,
    memory,
  }: {
    readonly placing: Placing;
    readonly arithmetic: LevelArithmetic;
    readonly memory: KernelMemory;
  },
): void {
  const { area, planeWidth, planeSize, offset, mirror, isReversed } = placing;
  const { at, stride } = bringRows(picture, area, memory);
  const order = isReversed ? [2, 1, 0] : [0, 1, 2];
  memory.bytes(0, 16).set(mirror ? MIRRORED_ORDER : ORDER);
  const [fine = 0, rest = 0, ...meansAndStds] = arithmetic;
  const ofPicture = [0, RGB].flatMap((first) =>
    order.map((channel) => meansAndStds[first + channel] ?? 0),
  );
  memory.floats(16, 2 + 2 * RGB).set([fine, rest, ...ofPicture]);
  invariant(out.length >= offset + RGB * planeSize, 'the input is too short');
  const there = memory.find(out);
  const planes = there === null ? memory.reserve(4 * RGB * planeSize) : there + 4 * offset;
  const [red = 0, green = 0, blue = 0] = order.map((channel) => planes + 4 * planeSize * channel);
  memory.kernels.writeLevels(
    mirror ? at + RGB * (area.width - GROUP) : at,
    stride,
    mirror ? -RGB : RGB,
    area.width,
    area.height,
    red,
    green,
    blue,
    4 * planeWidth,
  );
  if (there === null) out.set(memory.floats(planes, RGB * planeSize), offset);
}
