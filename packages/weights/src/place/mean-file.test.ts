import { decodeMeanImage, isMeanImage, type Preprocessing, type Shape } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { writeNpy } from '../numpy/write-npy.ts';
import { joinBytes } from '../protobuf/test-message.ts';
import { readWeights } from '../read-weights.ts';
import { withMean, withMeanFile } from './mean-file.ts';

const caffe: Preprocessing = {
  resize: { mode: 'exact', height: 2, width: 2, filter: 'bilinear', antialias: false },
  crop: null,
  channels: 'BGR',
  scale: 1,
  mean: [104, 117, 123],
  std: [1, 1, 1],
};
const rgb: Preprocessing = { ...caffe, channels: 'RGB' };
const unit: Preprocessing = { ...rgb, scale: 1 / 255 };

/** Red 0 to 3, green 10 to 13, blue 20 to 23. */
const planes = [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23];
const bluefirst = [20, 21, 22, 23, 10, 11, 12, 13, 0, 1, 2, 3];
const pixels = [0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23];

const tensor = (shape: Shape, values: readonly number[]) => ({
  shape,
  data: Float32Array.from(values),
});

function valuesOf(preprocessing: Preprocessing): readonly number[] {
  const { mean } = preprocessing;
  if (isMeanImage(mean)) return [...decodeMeanImage(mean, preprocessing)];
  return mean === 'picture' ? [] : mean;
}

test.each([
  ['planes', [3, 2, 2], planes],
  ['planes of a batch', [1, 3, 2, 2], planes],
  ['pixels', [2, 2, 3], pixels],
] as const)('%s, red first', (_what, shape, values) => {
  expect(valuesOf(withMean(rgb, tensor(shape, values)))).toEqual(planes);
  expect(valuesOf(withMean(caffe, tensor(shape, values)))).toEqual(bluefirst);
  const channelOrder = 'BGR';
  expect(valuesOf(withMean(caffe, tensor(shape, values), { channelOrder }))).toEqual(planes);
  expect(valuesOf(withMean(rgb, tensor(shape, values), { channelOrder }))).toEqual(bluefirst);
});

test('numbers for each channel, by themselves or as the average of an image', () => {
  expect(withMean(caffe, tensor([3], [122, 116, 104])).mean).toEqual([104, 116, 122]);
  expect(withMean(rgb, tensor([1, 3, 1, 1], [122, 116, 104])).mean).toEqual([122, 116, 104]);
  expect(withMean(caffe, tensor([3, 2, 2], planes), { average: true }).mean).toEqual([
    21.5, 11.5, 1.5,
  ]);
  // Of any size: only the average counts.
  expect(withMean(rgb, tensor([3, 1, 2], [1, 3, 5, 7, 9, 11]), { average: true }).mean).toEqual([
    2, 6, 10,
  ]);
});

test('values are in the units of the input', () => {
  const [first] = valuesOf(withMean(unit, tensor([3, 2, 2], Array(12).fill(51))));
  expect(first).toBe(Math.fround(0.2));
  expect(withMean(unit, tensor([3], [51, 0, 255])).mean).toEqual([51 / 255, 0, 1]);
});

test('grey', () => {
  const grey: Preprocessing = { ...caffe, channels: 'grey', mean: [0], std: [1] };
  for (const shape of [
    [2, 2],
    [1, 2, 2],
    [2, 2, 1],
    [1, 1, 2, 2],
  ]) {
    expect(valuesOf(withMean(grey, tensor(shape, [1, 2, 3, 4])))).toEqual([1, 2, 3, 4]);
  }
  expect(withMean(grey, tensor([1], [117])).mean).toEqual([117]);
  // Of grey pictures, which a network of colours sees as three equal channels.
  expect(valuesOf(withMean(caffe, tensor([2, 2], [1, 2, 3, 4])))).toEqual([
    1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4,
  ]);
  expect(withMean(rgb, tensor([1], [117])).mean).toEqual([117, 117, 117]);
  expect(() => withMean(grey, tensor([3], [1, 2, 3]))).toThrowError(
    'The mean has 3 channels, but the network takes 1 (grey).',
  );
});

describe('refused', () => {
  test.each([
    ['another size', tensor([3, 2, 3], Array(18).fill(0)), 'pictures want [3, 2, 2]'],
    [
      'two channels',
      tensor([2], [1, 2]),
      'The mean has 2 channels, but the network takes 3 (BGR).',
    ],
    [
      'four channels',
      tensor([4, 2, 2], Array(16).fill(0)),
      'The mean has the shape [4, 2, 2], but',
    ],
    ['five axes', tensor([2, 1, 3, 2, 2], Array(24).fill(0)), 'has the shape [2, 1, 3, 2, 2]'],
    [
      'what is no number',
      tensor([3, 2, 2], [...planes.slice(1), Number.NaN]),
      'holds NaN at index 11 of 12: a mean is of finite numbers',
    ],
  ])('%s', (_what, mean, says) => {
    expect(() => withMean(caffe, mean)).toThrowError(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(says),
      }),
    );
  });

  test('a file of several arrays, by its name', async () => {
    const bytes = joinBytes(...writeNpy(tensor([3, 2, 2], planes)));
    const file = await readWeights({ name: 'm.npy', bytes, sibling: async () => null });
    expect(valuesOf(withMeanFile(rgb, file))).toEqual(planes);
    const [array] = file.tensors.values();
    if (array === undefined) throw new Error('The file holds no array.');
    const two = { ...file, tensors: new Map([...file.tensors, ['other', array]]) };
    expect(() => withMeanFile(rgb, two, { source: 'm.npz' })).toThrowError(
      'm.npz holds 2 arrays, but a mean is one.',
    );
  });
});
