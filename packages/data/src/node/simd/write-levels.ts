import { invariant } from '@alexnet/core';
import type { Picture } from '../../picture/picture.ts';
import { LEVELS } from '../../preprocess/level-table.ts';
import type { Placing } from '../../preprocess/planes.ts';
import type { KernelMemory } from './kernel-memory.ts';
import type { LevelArithmetic } from './level-arithmetic.ts';
import { bringRows, RGB } from './rows.ts';

/** Pixels of a group. */
const GROUP = 4;
/** The kernel writes two groups at a time. */
const LEAST_WIDTH = 2 * GROUP;
/** Red, green, blue and one byte to spare of each pixel of a group, in order and the other way round. */
const ORDER: Uint8Array = Uint8Array.of(0, 1, 2, 15, 3, 4, 5, 15, 6, 7, 8, 15, 9, 10, 11, 15);
const MIRRORED_ORDER: Uint8Array = Uint8Array.of(
  9,
  10,
  11,
  15,
  6,
  7,
  8,
  15,
  3,
  4,
  5,
  15,
  0,
  1,
  2,
  15,
);

/** Whether the kernel can write it: a part that fills three planes, of rows that have two groups. */
export function fillsPlanes({ area, left, top, table, planeWidth, planeSize }: Placing): boolean {
  const isFilled = area.width === planeWidth && area.width * area.height === planeSize;
  const isRgb = table.length === RGB * LEVELS;
  return isRgb && isFilled && left === 0 && top === 0 && area.width >= LEAST_WIDTH;
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
  memory.bytes(0, ORDER.length).set(mirror ? MIRRORED_ORDER : ORDER);
  memory.floats(ORDER.length, arithmetic.length).set(arithmetic);
  invariant(out.length >= offset + RGB * planeSize, 'the input is too short');
  const there = memory.find(out);
  const planes = there === null ? memory.reserve(4 * RGB * planeSize) : there + 4 * offset;
  const last = planes + 8 * planeSize;
  memory.kernels.writeLevels(
    mirror ? at + RGB * (area.width - GROUP) : at,
    stride,
    mirror ? -RGB : RGB,
    area.width,
    area.height,
    isReversed ? last : planes,
    planes + 4 * planeSize,
    isReversed ? planes : last,
    4 * planeWidth,
  );
  if (there === null) out.set(memory.floats(planes, RGB * planeSize), offset);
}
