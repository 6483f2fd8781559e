import { describe, expect, test } from 'vitest';
import { decodeMeanImage, encodeMeanImage, isMeanImage, reverseMean } from './mean-image.ts';
import { parsePreprocessing } from './parse-metadata.ts';
import type { Preprocessing } from './preprocessing.ts';

const filter = { filter: 'bilinear', antialias: true } as const;
const caffe: Preprocessing = {
  resize: { mode: 'exact', height: 4, width: 6, ...filter },
  crop: { height: 3, width: 2 },
  channels: 'BGR',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

function imageOf(height: number, width: number, channels = 3) {
  const values = Float32Array.from({ length: channels * height * width }, (_, i) => 100 + i / 3);
  return encodeMeanImage(values, { height, width });
}

test('numbers are little-endian float32 in base64', () => {
  const image = encodeMeanImage(Float32Array.of(1, -0.5), { height: 1, width: 2 });
  // 1 is 0x3f800000, -0.5 is 0xbf000000.
  const float32 = Buffer.from('0000803f000000bf', 'hex').toString('base64');
  expect(image).toEqual({ height: 1, width: 2, float32 });
});

describe('sizes that fit', () => {
  test.each([
    ['the resized picture', caffe, imageOf(4, 6)],
    ['the crop', caffe, imageOf(3, 2)],
    [
      'the square in the middle',
      { ...caffe, resize: { mode: 'short-side', size: 5, ...filter } },
      imageOf(5, 5),
    ],
    ['the whole picture, which is not cut', { ...caffe, crop: null }, imageOf(4, 6)],
    ['whatever the crop is cut from', { ...caffe, resize: { mode: 'none' } }, imageOf(9, 9)],
    ['grey', { ...caffe, channels: 'grey', std: [1] }, imageOf(4, 6, 1)],
  ] as const)('%s', (_what, framed, mean) => {
    const preprocessing: Preprocessing = { ...framed, mean };
    expect(parsePreprocessing(JSON.parse(JSON.stringify(preprocessing)))).toEqual(preprocessing);
  });
});

describe('refused, with both numbers', () => {
  const finite = imageOf(4, 6);
  test.each([
    [
      'another size',
      caffe,
      imageOf(4, 4),
      'The mean image of 4 × 4 has 48 finite numbers, but pictures want [3, 3, 2] or [3, 4, 6].',
    ],
    ['one channel for three', caffe, imageOf(4, 6, 1), 'has 24 finite numbers, but pictures want'],
    ['three channels for one', { ...caffe, channels: 'grey', std: [1] }, finite, '[1, 4, 6]'],
    [
      'a number that is none',
      caffe,
      encodeMeanImage(new Float32Array(72).fill(Number.NaN, 71), { height: 4, width: 6 }),
      'has 71 finite numbers',
    ],
    ['no base64', caffe, { ...finite, float32: '?' }, 'has 0 finite numbers'],
    ['half a number', caffe, { ...finite, float32: finite.float32.slice(0, -4) }, 'has 71'],
    [
      'pictures of any size',
      { ...caffe, resize: { mode: 'none' }, crop: null },
      finite,
      'but pictures want a "crop" first',
    ],
    [
      'what is smaller than the crop',
      { ...caffe, resize: { mode: 'none' } },
      imageOf(2, 2),
      'but pictures want [3, 3, 2].',
    ],
  ] as const)('%s', (_what, framed, mean, says) => {
    expect(() => parsePreprocessing({ ...framed, mean })).toThrowError(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining(says) }),
    );
  });

  test('a height that is no length', () => {
    const mean = { ...finite, height: 0 };
    expect(() => parsePreprocessing({ ...caffe, mean })).toThrowError(
      'mean.height should be a whole number of at least 1, but is 0',
    );
  });
});

test('reversed, the last plane is the first', () => {
  const mean = reverseMean({ ...caffe, mean: imageOf(4, 6) });
  const values = isMeanImage(mean) ? decodeMeanImage(mean, caffe) : [];
  expect([values[0], values[24], values[71]]).toEqual([116, 108, 107.66666412353516]);
});
