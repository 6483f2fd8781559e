import { type Preprocessing, roundHalfToEven } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { toGrey } from './channels.ts';
import { frameCentre } from './framing.ts';
import { createLevelTable } from './level-table.ts';
import { createPreprocessor, preprocess, preprocessedShape } from './preprocess.ts';

/** Bytes as they are, so that inputs can be compared with pictures. */
const plain = {
  resize: { mode: 'none' },
  crop: null,
  channels: 'RGB',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
} as const satisfies Preprocessing;

const antialiased = { filter: 'bilinear', antialias: true } as const;

test('bytes over 255 are as if divided in float32', () => {
  const table = createLevelTable({ ...plain, scale: 1 / 255 }).subarray(0, 256);
  expect(table).toEqual(Float32Array.from({ length: 256 }, (_, byte) => byte / 255));
});

test('makes grey of red, green and blue by their weights', () => {
  const pixels = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30);
  const grey = toGrey({ width: 5, height: 1, channels: 3, pixels });
  expect(Array.from(grey.pixels)).toEqual([76, 150, 29, 255, 18]);
});

describe('channels', () => {
  const picture = {
    width: 2,
    height: 1,
    channels: 3,
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
  } as const;

  test.each([
    ['RGB', [1, 4, 2, 5, 3, 6]],
    ['BGR', [3, 6, 2, 5, 1, 4]],
  ] as const)('%s come in their order', (channels, expected) => {
    const input = new Float32Array(6);
    preprocess(picture, { ...plain, channels }, input);
    expect(Array.from(input)).toEqual(expected);
  });

  test('mean and std are in the order of the tensor', () => {
    const input = new Float32Array(6);
    preprocess(picture, { ...plain, channels: 'BGR', mean: [3, 2, 1], std: [1, 2, 4] }, input);
    expect(Array.from(input)).toEqual([0, 3, 0, 1.5, 0, 0.75]);
  });
});

describe('the mean of the picture', () => {
  const picture = {
    width: 2,
    height: 1,
    channels: 3,
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 9),
  } as const;

  test('is one number for all channels: (1 + 2 + 3 + 4 + 5 + 9) / 6 = 4', () => {
    const input = new Float32Array(7).fill(50);
    const preprocessing = { ...plain, channels: 'BGR', mean: 'picture', std: [1, 2, 4] } as const;
    preprocess(picture, preprocessing, input, 1);
    expect(Array.from(input)).toEqual([50, -1, 5, -1, 0.5, -0.75, 0]);
  });

  test('comes after the scale, and is of what the crop shows, padding included', () => {
    const input = new Float32Array(12);
    // Two of three rows are padding: (4 + 5 + 9) / 2 / 9 = 1
    const crop = { width: 1, height: 3 };
    const right = { ...picture, width: 1, pixels: Uint8Array.of(4, 5, 9) } as const;
    preprocess(right, { ...plain, crop, scale: 0.5, mean: 'picture' }, input);
    expect(Array.from(input).slice(0, 9)).toEqual([-1, 1, -1, -1, 1.5, -1, -1, 3.5, -1]);
  });

  test('leaves a picture of one colour at zero', () => {
    const input = new Float32Array(4).fill(7);
    const grey = { width: 2, height: 2, channels: 1, pixels: new Uint8Array(4).fill(200) } as const;
    preprocess(grey, { ...plain, channels: 'grey', mean: 'picture', std: [58] }, input);
    expect(Array.from(input)).toEqual([0, 0, 0, 0]);
  });
});

test('writes from the offset on, and nothing else', () => {
  const picture = { width: 1, height: 1, channels: 1, pixels: Uint8Array.of(9) } as const;
  const input = new Float32Array(4).fill(-1);
  preprocess(picture, { ...plain, channels: 'grey', mean: [0], std: [1] }, input, 2);
  expect(Array.from(input)).toEqual([-1, -1, 9, -1]);
});

test('overwrites what stood in the padding', () => {
  const picture = { width: 1, height: 1, channels: 1, pixels: Uint8Array.of(9) } as const;
  const input = new Float32Array(9).fill(7);
  const crop = { width: 3, height: 3 };
  preprocess(picture, { ...plain, channels: 'grey', crop, mean: [1], std: [2] }, input);
  expect(Array.from(input)).toEqual([-0.5, -0.5, -0.5, -0.5, 4, -0.5, -0.5, -0.5, -0.5]);
});

test('a crop beside the picture is all padding', () => {
  const picture = { width: 2, height: 2, channels: 1, pixels: new Uint8Array(4).fill(5) } as const;
  const input = new Float32Array(1).fill(7);
  const framing = {
    ...frameCentre(plain, picture),
    window: { left: 9, top: 0, width: 1, height: 1 },
  };
  const preprocessing = { ...plain, channels: 'grey', mean: [0], std: [1] } as const;
  createPreprocessor(preprocessing).write(picture, input, { framing });
  expect(input[0]).toBe(0);
});

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [2.4, 2],
  [2.6, 3],
])('rounds %d to %d as Python does', (value, expected) => {
  expect(roundHalfToEven(value)).toBe(expected);
});

describe('the shape', () => {
  test('is that of the crop, else of the exact resize, else follows the picture', () => {
    const exact = { mode: 'exact', width: 5, height: 4, ...antialiased } as const;
    expect(preprocessedShape({ ...plain, resize: exact, crop: { width: 3, height: 2 } })).toEqual([
      3, 2, 3,
    ]);
    expect(preprocessedShape({ ...plain, resize: exact })).toEqual([3, 4, 5]);
    const short = { mode: 'short-side', size: 10, ...antialiased } as const;
    expect(preprocessedShape({ ...plain, resize: short }, { width: 20, height: 30 })).toEqual([
      3, 15, 10,
    ]);
    expect(preprocessedShape(plain, { width: 20, height: 30 })).toEqual([3, 30, 20]);
  });

  test('is refused where it depends on a picture that is not given', () => {
    expect(() => preprocessedShape(plain)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

test.each([
  ['mean', { mean: [0, 0] }],
  ['std', { std: [1] }],
  ['std', { std: [1, 0, 1] }],
  ['mean', { mean: [0, Number.NaN, 0] }],
])('refuses a %s that does not fit: %o', (name, change) => {
  expect(() => createPreprocessor({ ...plain, ...change })).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`"${name}"`),
    }),
  );
});

test('refuses an array that is too short, with both numbers', () => {
  expect(() =>
    preprocess(
      { width: 31, height: 23, channels: 3, pixels: new Uint8Array(2139) },
      plain,
      new Float32Array(10),
    ),
  ).toThrow(
    expect.objectContaining({
      code: 'SHAPE_MISMATCH',
      message: 'The input takes 2139 values from index 0 on, but the array has 10.',
    }),
  );
});
