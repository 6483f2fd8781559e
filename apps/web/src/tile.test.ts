import { describe, expect, test } from 'vitest';
import { drawFeatures, drawFilters } from './tile.ts';

const rgbOf = (pixels: Uint8ClampedArray, at: number): readonly number[] => [
  ...pixels.subarray(at * 4, at * 4 + 4),
];

describe('feature maps', () => {
  test('are one tile for each channel, on one scale', () => {
    const tiles = drawFeatures([2, 1, 2], Float32Array.of(0, 1, 2, 4));
    expect(tiles.map(({ title, note, width, height }) => [title, note, width, height])).toEqual([
      ['Channel 0', 'from 0 to 1', 2, 1],
      ['Channel 1', 'from 2 to 4', 2, 1],
    ]);
    // The ends of viridis.
    expect(rgbOf(tiles[0]?.pixels ?? new Uint8ClampedArray(), 0)).toEqual([68, 1, 84, 255]);
    expect(rgbOf(tiles[1]?.pixels ?? new Uint8ClampedArray(), 1)).toEqual([253, 231, 37, 255]);
  });

  test('of a fully connected layer are one tile, its last row filled up with nothing', () => {
    const [tile] = drawFeatures([40], new Float32Array(40).fill(1));
    expect([tile?.width, tile?.height, tile?.title]).toEqual([32, 2, '40 features']);
    expect(tile?.pixels.at(-1)).toBe(0);
  });

  test('of a layer that is silent are dark, not broken', () => {
    const [tile] = drawFeatures([1, 1, 1], Float32Array.of(0));
    expect(rgbOf(tile?.pixels ?? new Uint8ClampedArray(), 0)).toEqual([68, 1, 84, 255]);
  });
});

describe('filters', () => {
  // One filter of one pixel: 1 in the first channel, 0 in the second, −1 in the third.
  const weights = Float32Array.of(1, 0, -1);

  test('are colours, in the order that the network takes', () => {
    const [rgb] = drawFilters([1, 3, 1, 1], weights, 'RGB');
    const [bgr] = drawFilters([1, 3, 1, 1], weights, 'BGR');
    expect(rgbOf(rgb?.pixels ?? new Uint8ClampedArray(), 0)).toEqual([255, 128, 0, 255]);
    expect(rgbOf(bgr?.pixels ?? new Uint8ClampedArray(), 0)).toEqual([0, 128, 255, 255]);
  });

  test('are greys where the network takes grey pictures', () => {
    const [first, second] = drawFilters([2, 1, 1, 2], Float32Array.of(0, 1, 5, 3), 'grey');
    expect([...(first?.pixels ?? [])]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    expect([...(second?.pixels ?? [])]).toEqual([255, 255, 255, 255, 0, 0, 0, 255]);
    expect(second?.title).toBe('Filter 1');
  });
});
