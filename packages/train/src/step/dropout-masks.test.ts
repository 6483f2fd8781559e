import { describe, expect, test } from 'vitest';
import { fillDropoutMask } from './dropout-masks.ts';

function maskOf(options: {
  seed?: number;
  step?: number;
  node?: string;
  ratio?: number;
}): Float32Array {
  const mask = new Float32Array(10_001);
  fillDropoutMask(mask, { seed: 0, step: 1, node: 'drop6', ratio: 0.2, ...options });
  return mask;
}

describe('fillDropoutMask', () => {
  test('zeros come at the ratio, the rest keeps the expectation', () => {
    const mask = maskOf({});
    const zeros = mask.filter((value) => value === 0).length;
    // Standard deviation of the count: √(10001 · 0.2 · 0.8) = 40.
    expect(Math.abs(zeros - 2000)).toBeLessThan(200);
    expect(new Set(mask)).toEqual(new Set([0, 1.25]));
  });

  test('ratio 0 drops nothing', () => {
    expect(new Set(maskOf({ ratio: 0 }))).toEqual(new Set([1]));
  });

  test('depends on seed, step and node, and on nothing else', () => {
    expect(maskOf({})).toEqual(maskOf({}));
    for (const other of [{ seed: 1 }, { step: 2 }, { node: 'drop7' }]) {
      expect(maskOf(other)).not.toEqual(maskOf({}));
    }
  });
});
