import type { Preprocessing } from '@alexnet/core';
import type { Dataset } from '@alexnet/data';
import { expect, test } from 'vitest';
import { checkShrinking } from './check-shrinking.ts';

const interpolation = { filter: 'bilinear', antialias: true } as const;
const levels = { channels: 'RGB', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
const shortSide = { mode: 'short-side', size: 256, ...interpolation } as const;
const exact = { mode: 'exact', width: 227, height: 240, ...interpolation } as const;
const crop = { width: 224, height: 224 };

function photosShrunkTo(shrinkOnLoad?: number): Dataset {
  return {
    name: 'photos',
    labels: ['cat'],
    length: 0,
    ...(shrinkOnLoad === undefined ? {} : { shrinkOnLoad }),
    labelOf: () => 0,
    nameOf: () => '',
    keyOf: () => '',
    readPicture: () => Promise.reject(new Error('there is none')),
  };
}

test.each<[Preprocessing, number]>([
  [{ resize: shortSide, crop, ...levels }, 256],
  [{ resize: exact, crop, ...levels }, 240],
  [{ resize: { mode: 'none' }, crop, ...levels }, 224],
])('%j takes %d pixels', (preprocessing, needed) => {
  checkShrinking(photosShrunkTo(), preprocessing);
  checkShrinking(photosShrunkTo(needed), preprocessing);
  expect(() => checkShrinking(photosShrunkTo(needed - 1), preprocessing)).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(`${needed - 1}.*"photos".*${needed} pixels`),
      hint: `Give ${needed}, or more.`,
    }),
  );
});
