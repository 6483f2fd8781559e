import { createRandom, type Preprocessing } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { AUGMENTATIONS, type Augmentation, checkAugmentation } from './augmentation.ts';
import { frameRandomly } from './random-framing.ts';

const preprocessing: Preprocessing = {
  resize: { mode: 'short-side', size: 32, filter: 'bilinear', antialias: true },
  crop: { width: 28, height: 24 },
  channels: 'RGB',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const random = createRandom(1);

function frames(picture: { width: number; height: number }, count = 500) {
  return Array.from({ length: count }, (_, i) =>
    frameRandomly(picture, {
      preprocessing,
      augmentation: AUGMENTATIONS.standard,
      random: random.split(i),
    }),
  );
}

describe('random resized crop', () => {
  test('stays inside the picture, within the areas and aspects asked for', () => {
    for (const { box, size, window } of frames({ width: 100, height: 80 })) {
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.top).toBeGreaterThanOrEqual(0);
      expect(box.left + box.width).toBeLessThanOrEqual(100);
      expect(box.top + box.height).toBeLessThanOrEqual(80);
      const share = (box.width * box.height) / 8000;
      expect(share).toBeGreaterThan(0.07);
      expect(share).toBeLessThanOrEqual(1);
      const aspect = box.width / box.height;
      expect(aspect).toBeGreaterThan(0.7);
      expect(aspect).toBeLessThan(1.4);
      expect(size).toEqual({ width: 28, height: 24 });
      expect(window).toEqual({ left: 0, top: 0, width: 28, height: 24 });
    }
  });

  test('varies place and size', () => {
    const boxes = frames({ width: 100, height: 80 }).map(({ box }) => JSON.stringify(box));
    expect(new Set(boxes).size).toBeGreaterThan(480);
  });

  test.each([
    [
      { width: 300, height: 3 },
      { width: 4, height: 3, left: 148, top: 0 },
    ],
    [
      { width: 3, height: 300 },
      { width: 3, height: 4, left: 0, top: 148 },
    ],
  ])('takes the middle of %o where nothing fits', (picture, box) => {
    const [framing] = frames(picture, 1);
    const whole = frameRandomly(picture, {
      preprocessing,
      augmentation: {
        ...AUGMENTATIONS.none,
        randomResizedCrop: { scale: [0.9, 1], ratio: [3 / 4, 4 / 3] },
      },
      random,
    });
    expect(framing?.box.width).toBeLessThanOrEqual(picture.width);
    expect(whole.box).toEqual(box);
  });
});

test('mirrors half of the pictures', () => {
  const mirrored = frames({ width: 9, height: 9 }, 1000).filter(({ mirror }) => mirror).length;
  expect(mirrored).toBeGreaterThan(430);
  expect(mirrored).toBeLessThan(570);
});

test('leaves the framing alone without augmentation', () => {
  const options = { preprocessing, augmentation: AUGMENTATIONS.none, random };
  const framing = frameRandomly({ width: 64, height: 32 }, options);
  expect(framing.window).toEqual({ left: 18, top: 4, width: 28, height: 24 });
  expect(framing.mirror).toBe(false);
});

const FULL: Augmentation = AUGMENTATIONS.strong;

test.each<[string, Partial<Augmentation>]>([
  ['scale', { randomResizedCrop: { scale: [0, 1], ratio: [1, 1] } }],
  ['scale', { randomResizedCrop: { scale: [0.5, 0.1], ratio: [1, 1] } }],
  ['ratio', { randomResizedCrop: { scale: [0.1, 1], ratio: [1, Number.POSITIVE_INFINITY] } }],
  ['randomCrop', { randomCrop: 'whole' }],
  ['rotation.degrees', { rotation: { degrees: -1 } }],
  ['colourNoise.deviation', { colourNoise: { deviation: Number.NaN } }],
  ['colourJitter.hue', { colourJitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0.6 } }],
  ['erasing.probability', { erasing: { probability: 2, scale: [0.1, 0.2], ratio: [1, 1] } }],
])('refuses a bad %s by its name', (name, change) => {
  expect(() => checkAugmentation({ ...FULL, ...change })).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(name),
    }),
  );
});

test.each(Object.entries(AUGMENTATIONS))('takes its own %s', (_, augmentation) => {
  expect(() => checkAugmentation(augmentation)).not.toThrow();
});
