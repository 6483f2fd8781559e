import { describe, expect, test } from 'vitest';
import { coverPatch, mapDrops, namePlace, planPatches } from './occlusion.ts';

const view = { left: 8, top: 0, width: 40, height: 20 };

describe('patches', () => {
  test('are a quarter of the view and reach from edge to edge', () => {
    const patches = planPatches(view);
    expect(patches).toHaveLength(100);
    expect(patches[0]).toEqual({ left: 8, top: 0, width: 10, height: 5 });
    expect(patches[99]).toEqual({ left: 38, top: 15, width: 10, height: 5 });
  });

  test('cover every pixel', () => {
    const patches = planPatches(view);
    const map = mapDrops(
      view,
      patches,
      patches.map(() => 1),
    );
    expect(Math.min(...map.drops)).toBeCloseTo(1, 6);
    expect(Math.max(...map.drops)).toBeCloseTo(1, 6);
  });

  test('are still patches where the view is one pixel', () => {
    const patches = planPatches({ left: 0, top: 0, width: 1, height: 1 });
    expect(
      new Set(patches.map(({ left, top, width, height }) => `${left} ${top} ${width} ${height}`)),
    ).toEqual(new Set(['0 0 1 1']));
  });
});

test('covering paints grey, inside the picture only, and leaves the original', () => {
  const picture = { width: 3, height: 2, channels: 1, pixels: new Uint8Array(6) } as const;
  const covered = coverPatch(picture, { left: 1, top: -1, width: 5, height: 2 });
  expect([...covered.pixels]).toEqual([0, 128, 128, 0, 0, 0]);
  expect([...picture.pixels]).toEqual([0, 0, 0, 0, 0, 0]);
  const beside = coverPatch(picture, { left: 3, top: 0, width: 2, height: 2 });
  expect([...beside.pixels]).toEqual([0, 0, 0, 0, 0, 0]);
});

describe('the map', () => {
  test('is the weighted mean of the patches over each pixel', () => {
    const line = { left: 0, top: 0, width: 5, height: 1 };
    const patches = [
      { left: 0, top: 0, width: 3, height: 1 },
      { left: 2, top: 0, width: 3, height: 1 },
    ];
    // The pixel in the middle is as far from the one as from the other.
    const { drops, strongest } = mapDrops(line, patches, [0.5, -0.25]);
    expect([...drops]).toEqual([0.5, 0.5, 0.125, -0.25, -0.25]);
    expect(strongest).toEqual({ patch: patches[0], drop: 0.5 });
  });

  test('finds the only part that an answer goes by', () => {
    // An answer that is the brightness of a corner: covering anything else changes nothing.
    const corner = { left: 38, top: 0, width: 10, height: 5 };
    const pixels = new Uint8Array(48 * 20);
    for (let y = 0; y < 5; y++) pixels.fill(255, y * 48 + 38, y * 48 + 48);
    const picture = { width: 48, height: 20, channels: 1, pixels } as const;
    const answer = (p: { readonly pixels: Uint8Array | Uint8ClampedArray }): number => {
      let sum = 0;
      for (let y = 0; y < 5; y++) for (let x = 38; x < 48; x++) sum += p.pixels[y * 48 + x] ?? 0;
      return sum / (50 * 255);
    };
    const patches = planPatches(view);
    const map = mapDrops(
      view,
      patches,
      patches.map((patch) => answer(picture) - answer(coverPatch(picture, patch))),
    );
    expect(map.strongest.patch).toEqual(corner);
    expect(map.strongest.drop).toBeCloseTo(1 - 128 / 255, 12);
    expect(map.drops[39]).toBeGreaterThan(map.drops[20] ?? 1);
    expect(map.drops[0]).toBe(0);
    expect(namePlace(view, map.strongest.patch)).toBe('upper right');
  });
});

test.each([
  [0, 0, 'upper left'],
  [15, 8, 'middle'],
  [30, 15, 'lower right'],
  [15, 0, 'upper middle'],
] as const)('a patch at %d, %d is %s', (left, top, name) => {
  const patch = { left: 8 + left, top, width: 10, height: 5 };
  expect(namePlace(view, patch)).toBe(name);
});
