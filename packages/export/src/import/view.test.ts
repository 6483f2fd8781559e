import { describe, expect, test } from 'vitest';
import {
  extentsOf,
  isSameView,
  positionsOf,
  reshapeView,
  resolveExtents,
  transposeView,
  type View,
  viewOf,
} from './view.ts';

/** Rank 4 with two channels, three rows, four columns. */
const picture = viewOf([2, 3, 4]);
const N = { count: 1, isBatch: true };
const of = (count: number) => ({ count, isBatch: false });

function transpose(view: View, order: readonly number[]): View {
  return transposeView(view, order) ?? [];
}

describe('a view', () => {
  test('of a value is its axes with their strides; a length of 1 has none', () => {
    expect(viewOf([2, 1, 4])).toEqual([
      ['batch'],
      [{ length: 2, stride: 4 }],
      [],
      [{ length: 4, stride: 1 }],
    ]);
    expect(extentsOf(viewOf([2, 1, 4]))).toEqual([N, of(2), of(1), of(4)]);
  });

  test('with its channels last, flattened, says where each number lies', () => {
    const last = transpose(picture, [0, 2, 3, 1]);
    expect(extentsOf(last)).toEqual([N, of(3), of(4), of(2)]);
    const [, features = []] = reshapeView(last, [N, of(24)]) ?? [];
    // Row 0, column 0: channels 0 and 1; then column 1.
    expect(positionsOf(features).slice(0, 4)).toEqual([0, 12, 1, 13]);
    expect(positionsOf(features)).toHaveLength(24);
  });

  test('turned there and back is the value again', () => {
    const back = transpose(transpose(picture, [0, 2, 3, 1]), [0, 3, 1, 2]);
    expect(isSameView(back, picture)).toBe(true);
    expect(isSameView(transpose(picture, [0, 2, 3, 1]), picture)).toBe(false);
  });

  test('reshaped there and back is the value again', () => {
    const apart = reshapeView(picture, [{ count: 2, isBatch: true }, of(1), of(12)]) ?? [];
    expect(apart).toEqual([['batch', { length: 2, stride: 12 }], [], [{ length: 12, stride: 1 }]]);
    const back = reshapeView(apart, [N, of(2), of(3), of(4)]);
    expect(back && isSameView(back, picture)).toBe(true);
  });

  test.each([
    ['lengths that do not divide it', [N, of(5), of(4)]],
    ['fewer numbers', [N, of(2), of(3)]],
    ['more numbers', [N, of(2), of(3), of(4), of(2)]],
    ['the batch in another place', [of(24), N]],
  ])('cannot be reshaped to %s', (_name, extents) => {
    expect(reshapeView(picture, extents)).toBeUndefined();
  });

  test.each([[[0, 1, 2]], [[0, 1, 1, 2]], [[0, 1, 2, 9]]])('has no order %j', (order) => {
    expect(transposeView(picture, order)).toBeUndefined();
  });
});

describe('a Reshape asks', () => {
  const resolve = (target: readonly number[], fixedBatch = 1, batchAt = -1) =>
    resolveExtents(
      picture,
      target.map((count, axis) =>
        axis === batchAt ? { count: 0, batch: 1 } : { count, batch: 0 },
      ),
      { fixedBatch, keepsZero: false },
    );

  test.each<[string, readonly number[], number, number]>([
    ['by -1', [-1, 24], 1, -1],
    ['by 0', [0, -1], 1, -1],
    ['by the number that the file was made for', [5, 24], 5, -1],
    ['by that number, the rest open', [5, -1], 5, -1],
    ['by 1, where it is free', [1, 24], 1, -1],
    ['by its computed length', [0, 24], 1, 0],
    ['by its computed length, the rest open', [0, -1], 1, 0],
  ])('for features of the batch %s', (_name, target, fixedBatch, batchAt) => {
    expect(resolve(target, fixedBatch, batchAt)).toEqual([N, of(24)]);
  });

  test('for groups of channels as pictures of their own', () => {
    expect(resolve([-1, 1, 3, 4])).toEqual([{ count: 2, isBatch: true }, of(1), of(3), of(4)]);
  });

  test.each([[[-1, 7]], [[-2, 24]], [[7, -1]], [[3, 24]]])(
    'for what is not there: %j',
    (target) => {
      const extents = resolve(target);
      expect(extents && reshapeView(picture, extents)).toBeUndefined();
    },
  );
});
