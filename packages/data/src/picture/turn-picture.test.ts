import { expect, test } from 'vitest';
import type { Orientation } from './exif-orientation.ts';
import { turnPicture } from './turn-picture.ts';

/** An upright picture of 3 × 2 pixels, and where EXIF's table 6 puts row 0 and column 0 of the file. */
const UPRIGHT = ['abc', 'def'];
const STORED: readonly (readonly [Orientation, readonly string[]])[] = [
  [1, ['abc', 'def']], // top, left
  [2, ['cba', 'fed']], // top, right
  [3, ['fed', 'cba']], // bottom, right
  [4, ['def', 'abc']], // bottom, left
  [5, ['ad', 'be', 'cf']], // left, top
  [6, ['cf', 'be', 'ad']], // right, top
  [7, ['fc', 'eb', 'da']], // right, bottom
  [8, ['da', 'eb', 'fc']], // left, bottom
];

function toPicture(rows: readonly string[], channels: 1 | 3) {
  const pixels = rows
    .join('')
    .split('')
    .flatMap((letter) => [letter.charCodeAt(0), 1, 2].slice(0, channels));
  return {
    width: rows[0]?.length ?? 0,
    height: rows.length,
    channels,
    pixels: Uint8Array.from(pixels),
  };
}

test.each(STORED)('orientation %d', (orientation, rows) => {
  for (const channels of [1, 3] as const) {
    const turned = turnPicture(toPicture(rows, channels), orientation);
    expect(turned).toEqual(toPicture(UPRIGHT, channels));
  }
});
