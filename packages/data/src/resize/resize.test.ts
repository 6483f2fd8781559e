import { createRandom, type Interpolation } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { Picture } from '../picture/picture.ts';
import { resample } from './resample.ts';
import { inferResizedSize, resizePicture } from './resize.ts';

const bilinear = { filter: 'bilinear', antialias: true } as const;

function row(...pixels: readonly number[]): Picture {
  return { width: pixels.length, height: 1, channels: 1, pixels: Uint8Array.from(pixels) };
}

function noise(width: number, height: number, channels: 1 | 3): Picture {
  const random = createRandom(width * 1000 + height);
  const pixels = Uint8Array.from({ length: width * height * channels }, () => random.integer(256));
  return { width, height, channels, pixels };
}

describe('by hand', () => {
  test.each([
    ['doubled', row(0, 100), 4, bilinear, [0, 25, 75, 100]],
    // Weights 3, 3, 1 of 7: the filter is as wide as the picture shrinks.
    ['halved', row(0, 40, 80, 120), 2, bilinear, [29, 91]],
    [
      'halved without antialiasing',
      row(0, 40, 80, 120),
      2,
      { ...bilinear, antialias: false },
      [20, 100],
    ],
    ['to one pixel', row(10, 20, 60), 1, bilinear, [29]],
    ['from one pixel', row(7), 3, bilinear, [7, 7, 7]],
    // Weights −9, 111, 29, −3 of 128 and their mirror image; the ends are clamped.
    [
      'doubled, bicubic',
      row(0, 0, 255, 255),
      8,
      { ...bilinear, filter: 'bicubic' },
      [0, 0, 0, 52, 203, 255, 255, 255],
    ],
  ] as const)('a row %s', (_, picture, width, interpolation, expected) => {
    const resized = resizePicture(picture, { mode: 'exact', width, height: 1, ...interpolation });
    expect(Array.from(resized.pixels)).toEqual(expected);
  });

  test('a column is resized as the row is', () => {
    const picture = {
      width: 1,
      height: 4,
      channels: 1,
      pixels: Uint8Array.of(0, 40, 80, 120),
    } as const;
    const resized = resizePicture(picture, { mode: 'exact', width: 1, height: 2, ...bilinear });
    expect(Array.from(resized.pixels)).toEqual([29, 91]);
  });
});

test.each([
  [40, 30, 3],
  [90, 20, 3],
  [13, 77, 1],
  [61, 45, 3],
] as const)(
  'a window of a part is what the whole would have there: %d × %d',
  (width, height, channels) => {
    const picture = noise(61, 45, channels);
    const box = { left: 7, top: 5, width: 50, height: 33 };
    const part = resample(picture, {
      box,
      size: box,
      window: { left: 0, top: 0, width: 50, height: 33 },
      interpolation: bilinear,
    });
    for (const filter of ['bilinear', 'bicubic'] as const) {
      const interpolation: Interpolation = { filter, antialias: true };
      const whole = resizePicture(part, { mode: 'exact', width, height, ...interpolation });
      const window = { left: 3, top: 4, width: 9, height: 11 };
      const some = resample(picture, { box, size: { width, height }, window, interpolation });
      const expected = Array.from({ length: 11 }, (_, y) => {
        const start = ((y + 4) * width + 3) * channels;
        return Array.from(whole.pixels.subarray(start, start + 9 * channels));
      });
      expect(Array.from(some.pixels)).toEqual(expected.flat());
    }
  },
);

test('leaves a picture of the right size alone', () => {
  const picture = noise(5, 4, 3);
  expect(resizePicture(picture, { mode: 'none' })).toBe(picture);
  expect(resizePicture(picture, { mode: 'exact', width: 5, height: 4, ...bilinear })).toBe(picture);
});

test('truncates the long side', () => {
  const resize = { mode: 'short-side', size: 256, ...bilinear } as const;
  expect(inferResizedSize(resize, { width: 500, height: 375 })).toEqual({
    width: 341,
    height: 256,
  });
  expect(inferResizedSize(resize, { width: 375, height: 500 })).toEqual({
    width: 256,
    height: 341,
  });
});

test.each([0, -1, 1.5, Number.NaN])('refuses a side of %d', (size) => {
  const resize = { mode: 'short-side', size, ...bilinear } as const;
  expect(() => resizePicture(noise(5, 4, 1), resize)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
