import { createRandom } from '@alexnet/core';
import { expect, test } from 'vitest';
import { findBlendFactor } from './blend-factor.ts';

const ONE = 2 ** 22;
const FACTORS = 2 ** 15;

/** Of every two bytes: the result depends on their difference alone. */
const DIFFERENCES = Array.from({ length: 511 }, (_, i) => i - 255);

/** Differences of bytes that a blend by the factor rounds otherwise than their weighted sum. */
function findUnlike(weight: number, factor: number): number | undefined {
  return DIFFERENCES.find(
    (difference) =>
      Math.floor((difference * factor) / FACTORS + 0.5) !==
      Math.floor((difference * weight) / ONE + 0.5),
  );
}

test('the blend of two bytes is their weighted sum, whatever the bytes', () => {
  const random = createRandom(1);
  // Of halves and quarters there are ties.
  const weights = [0, 1, ONE / 4, ONE / 2, ONE - 1];
  while (weights.length < 200) weights.push(random.integer(ONE));
  const found = weights.flatMap((weight) => {
    const factor = findBlendFactor(weight);
    return factor === null ? [] : [{ weight, factor }];
  });
  const wrong = found.filter(({ weight, factor }) => findUnlike(weight, factor) !== undefined);
  expect(wrong).toEqual([]);
  expect(found.length).toBeGreaterThan(0.85 * weights.length);
});

test('there is none where no factor of fifteen bits would do', () => {
  const random = createRandom(2);
  const none: number[] = [];
  while (none.length < 4) {
    const weight = random.integer(ONE);
    if (findBlendFactor(weight) === null) none.push(weight);
  }
  const alike = none.flatMap((weight) =>
    Array.from({ length: FACTORS }, (_, factor) => ({ weight, factor })).filter(
      ({ factor }) => findUnlike(weight, factor) === undefined,
    ),
  );
  expect(alike).toEqual([]);
});
