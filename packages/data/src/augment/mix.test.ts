import { createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../batches/batch.ts';
import { sampleBeta } from './beta.ts';
import { type Mixing, mixBatch } from './mix.ts';

const SHAPE = [2, 8, 6] as const;
const ROW = 2 * 8 * 6;

/** Three pictures of one value each, 1, 10 and 100, and a row without a picture. */
function createBatch(): Batch {
  const images = new Float32Array(4 * ROW);
  [1, 10, 100].forEach((value, row) => {
    images.fill(value, row * ROW, (row + 1) * ROW);
  });
  return {
    images,
    labels: Int32Array.of(5, 6, 7),
    indices: Uint32Array.of(0, 1, 2),
    count: 3,
  };
}

const VALUE_OF_LABEL: Readonly<Record<number, number>> = { 5: 1, 6: 10, 7: 100 };

function mix(mixing: Mixing, seed: number) {
  return mixBatch(createBatch(), SHAPE, { mixing, random: createRandom(seed) });
}

describe.each(['mixup', 'cutmix'] as const)('%s', (kind) => {
  test('every picture holds its share of its own and the rest of the other', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { images, labels, mixed } = mix({ kind, alpha: 1 }, seed);
      for (let row = 0; row < 3; row++) {
        const own = VALUE_OF_LABEL[labels[row] ?? -1] ?? Number.NaN;
        const other = VALUE_OF_LABEL[mixed.labels[row] ?? -1] ?? Number.NaN;
        const mean = images.subarray(row * ROW, (row + 1) * ROW).reduce((a, b) => a + b, 0) / ROW;
        const expected = mixed.share * own + (1 - mixed.share) * other;
        expect(Math.abs(mean - expected)).toBeLessThan(1e-4 * expected);
      }
    }
  });

  test('pairs are a permutation, and the empty row stays empty', () => {
    const { images, mixed } = mix({ kind, alpha: 0.5 }, 3);
    expect([...mixed.labels].sort()).toEqual([5, 6, 7]);
    expect(images.subarray(3 * ROW).every((value) => value === 0)).toBe(true);
  });

  test('the same stream mixes the same way, and the batch itself is not touched', () => {
    const batch = createBatch();
    const mixing = { kind, alpha: 0.4 } as const;
    const once = mixBatch(batch, SHAPE, { mixing, random: createRandom(8) });
    expect(batch).toEqual(createBatch());
    expect(mixBatch(batch, SHAPE, { mixing, random: createRandom(8) })).toEqual(once);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('an alpha of %s is refused', (alpha) => {
    expect(() => mix({ kind, alpha }, 0)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(`${alpha}`),
      }),
    );
  });
});

test('cutmix pastes one rectangle', () => {
  const { images, labels, mixed } = mix({ kind: 'cutmix', alpha: 1 }, 1);
  const own = VALUE_OF_LABEL[labels[0] ?? -1];
  expect(mixed.labels[0]).not.toBe(labels[0]);
  const plane = images.subarray(0, 48);
  const changed = [...plane.keys()].filter((i) => plane[i] !== own);
  const rows = new Set(changed.map((i) => Math.floor(i / 6)));
  const columns = new Set(changed.map((i) => i % 6));
  expect(changed.length).toBeGreaterThan(0);
  expect(changed).toHaveLength(rows.size * columns.size);
  expect([...images.subarray(48, 96)]).toEqual([...plane]);
});

/** Beta(α, α) has mean 1/2 and variance 1 / (4 (2α + 1)). */
test.each([0.1, 0.4, 1, 5])('Beta(%s) has its mean and variance', (alpha) => {
  const random = createRandom(1);
  const count = 20_000;
  const values = Array.from({ length: count }, () => sampleBeta(random, alpha));
  const mean = values.reduce((a, b) => a + b, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const expected = 1 / (4 * (2 * alpha + 1));
  // Five standard errors of the mean; the variance of a bounded variable is off by less than 5 %.
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(expected / count));
  expect(Math.abs(variance / expected - 1)).toBeLessThan(0.05);
});
