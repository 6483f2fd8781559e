import { expect, test } from 'vitest';
import type { Picture } from '../picture/picture.ts';
import { LEVELS } from './level-table.ts';
import { type Placing, writePlanes } from './planes.ts';

/** Every byte of every channel gets a value of its own. */
const table = Float32Array.from({ length: 3 * LEVELS }, (_, index) => index);

/** Noise that begins anywhere in memory, with other bytes around it. */
function makePicture(channels: 1 | 3, byteOffset: number): Picture {
  const [width, height] = [23, 9];
  const length = width * height * channels;
  const memory = new Uint8Array(byteOffset + length + 5).fill(255);
  const pixels = memory.subarray(byteOffset, byteOffset + length);
  for (let i = 0; i < length; i++) pixels[i] = Math.imul(i + 1, 2654435761) >>> 24;
  return { width, height, channels, pixels };
}

/** The same, a value at a time. */
function writeSlowly(picture: Picture, out: Float32Array, placing: Placing): void {
  const { area, left, top, planeWidth, planeSize, mirror, isReversed, offset } = placing;
  for (let c = 0; c < 3; c++) {
    const channel = picture.channels === 1 ? 0 : isReversed ? 2 - c : c;
    for (let y = 0; y < area.height; y++) {
      for (let x = 0; x < area.width; x++) {
        const pixel = (area.top + y) * picture.width + area.left + x;
        const column = mirror ? planeWidth - 1 - left - x : left + x;
        const byte = picture.pixels[pixel * picture.channels + channel] ?? -1;
        out[offset + c * planeSize + (top + y) * planeWidth + column] =
          table[c * LEVELS + byte] ?? -1;
      }
    }
  }
}

const cases = [1, 3].flatMap((channels) =>
  [0, 1, 2, 3].flatMap((byteOffset) =>
    [false, true].flatMap((mirror) =>
      [false, true].map((isReversed) => ({ channels, byteOffset, mirror, isReversed })),
    ),
  ),
);

test.each(cases)('%j', ({ channels, byteOffset, mirror, isReversed }) => {
  const picture = makePicture(channels === 1 ? 1 : 3, byteOffset);
  for (const [left, width] of [
    [0, 23],
    [1, 1],
    [2, 17],
    [3, 4],
    [5, 18],
  ] as const) {
    const placing: Placing = {
      table,
      area: { left, top: 1, width, height: 7 },
      offset: 11,
      planeWidth: 25,
      planeSize: 250,
      left: 2,
      top: 3,
      mirror,
      isReversed,
    };
    const [out, expected] = [new Float32Array(800), new Float32Array(800)];
    writePlanes(picture, out, placing);
    writeSlowly(picture, expected, placing);
    expect(out).toEqual(expected);
  }
});
