import { describe, expect, test } from 'vitest';
import { parseIdx, parseIdxHeader } from './idx.ts';
import { createIdxDataset } from './idx-dataset.ts';

function idx(shape: readonly number[], values: readonly number[], dtype = 8): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.of(0, 0, dtype, shape.length, ...sizes, ...values);
}

const invalid = (message: string | RegExp) =>
  expect.objectContaining({
    code: 'INVALID_DATASET',
    hint: expect.any(String),
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });

describe('idx files', () => {
  test('are an array of bytes', () => {
    expect(parseIdx(idx([2, 1, 3], [1, 2, 3, 4, 5, 6]))).toEqual({
      shape: [2, 1, 3],
      values: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  test('are read in place', () => {
    const bytes = idx([2], [7, 8]);
    expect(parseIdx(bytes).values.buffer).toBe(bytes.buffer);
  });

  test.each([
    ['a wrong magic', Uint8Array.of(1, 2, 8, 1, 0, 0, 0, 0), /begins with \[01 02 08 01\]/],
    ['nothing in it', new Uint8Array(0), /begins with \[\]/],
    ['another type', idx([1], [0, 0, 0, 0], 0x0d), /holds float32/],
    ['a type that is none', idx([1], [0], 0x42), /holds type 0x42/],
    ['no axes', idx([], []), /cut short/],
    ['half a head', idx([3, 2], []).subarray(0, 9), /head takes 12 bytes, but there are 9/],
  ])('with %s are refused', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'x.idx')).toThrow(invalid(message));
  });

  test('cut short are refused with both numbers', () => {
    expect(() => parseIdx(idx([3, 2], [1, 2, 3, 4]), 'x.idx')).toThrow(
      invalid(
        'x.idx is cut short: its head promises 3 × 2 values, 18 bytes with the head, but there are 16.',
      ),
    );
  });

  test('with a wrong count are refused with both numbers', () => {
    expect(() => parseIdx(idx([1], [1, 2]), 'x.idx')).toThrow(
      invalid(
        'x.idx has a wrong count: its head promises 1 values, 9 bytes with the head, but there are 10.',
      ),
    );
  });

  test('that promise terabytes are refused before anything is allocated', () => {
    const most = 0xffffffff;
    const bytes = idx([most, most, most, most], []);
    expect(parseIdxHeader(bytes, 'x.idx').fileBytes).toBeGreaterThan(2 ** 127);
    expect(() => parseIdx(bytes, 'x.idx')).toThrow(invalid(/cut short/));
  });
});

describe('a data set of idx files', () => {
  const images = idx([3, 2, 1], [1, 2, 3, 4, 5, 6]);
  const labels = idx([3], [0, 9, 4]);

  test('has the pictures and labels of the files', async () => {
    const dataset = createIdxDataset({ images, labels }, { name: 'tiny' });
    expect(dataset).toMatchObject({
      name: 'tiny',
      length: 3,
      channels: 1,
      pictureSize: { width: 1, height: 2 },
      labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    });
    expect([0, 1, 2].map((i) => dataset.labelOf(i))).toEqual([0, 9, 4]);
    expect(await dataset.readPicture(1)).toEqual({
      width: 1,
      height: 2,
      channels: 1,
      pixels: Uint8Array.of(3, 4),
    });
    expect(dataset.nameOf(1)).toBe('tiny (images), picture 1');
  });

  test('reads colours from a fourth axis', async () => {
    const colours = idx([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
    const dataset = createIdxDataset({ images: colours, labels: idx([1], [0]) }, { name: 'rgb' });
    expect(await dataset.readPicture(0)).toMatchObject({ width: 2, height: 1, channels: 3 });
  });

  test('knows a picture by its content', () => {
    const turned = idx([3, 2, 1], [5, 6, 1, 2, 3, 4]);
    const a = createIdxDataset({ images, labels }, { name: 'a' });
    const b = createIdxDataset({ images: turned, labels }, { name: 'b' });
    expect([b.keyOf(1), b.keyOf(2), b.keyOf(0)]).toEqual([0, 1, 2].map((i) => a.keyOf(i)));
    expect(new Set([0, 1, 2].map((i) => a.keyOf(i))).size).toBe(3);
  });

  test('has more classes where the labels go further', () => {
    const dataset = createIdxDataset({ images, labels: idx([3], [0, 25, 4]) }, { name: 'x' });
    expect(dataset.labels).toHaveLength(26);
  });

  test('takes names for the classes', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', '__proto__'];
    expect(createIdxDataset({ images, labels }, { name: 'x', labels: names }).labels).toBe(names);
  });

  test.each([
    [
      'counts that differ',
      { images, labels: idx([2], [0, 1]) },
      /has 3 pictures, but .* has 2 labels/,
    ],
    ['labels for images', { images: labels, labels }, /shape \[3\]; pictures are/],
    ['images for labels', { images, labels: images }, /shape \[3, 2, 1\]; labels are/],
    ['no pictures', { images: idx([0, 28, 28], []), labels: idx([0], []) }, /no pictures/],
    [
      'two channels',
      { images: idx([1, 1, 1, 2], [1, 2]), labels: idx([1], [0]) },
      /\[1, 1, 1, 2\]/,
    ],
  ])('of %s is refused', (_, files, message) => {
    expect(() => createIdxDataset(files, { name: 'x' })).toThrow(invalid(message));
  });

  test('is refused where a label has no name', () => {
    expect(() => createIdxDataset({ images, labels }, { name: 'x', labels: ['a', 'b'] })).toThrow(
      invalid('x (labels) has the label 9, but only 2 classes have names (0 to 1).'),
    );
  });
});
