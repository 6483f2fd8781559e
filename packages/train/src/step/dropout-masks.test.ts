import { createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { fillDropoutMask } from './dropout-masks.ts';

function maskOf(options: {
  seed?: number;
  step?: number;
  node?: string;
  ratio?: number;
  length?: number;
}): Float32Array {
  const { length = 10_001, ...rest } = options;
  const mask = new Float32Array(length);
  fillDropoutMask(mask, { seed: 0, step: 1, node: 'drop6', ratio: 0.2, ...rest });
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

  test.each([
    { ratio: 0.5, bits: 1 },
    { ratio: 0.75, bits: 2 },
    { ratio: 0.0625, bits: 4 },
    { ratio: 0.2, bits: 16 },
  ])('ratio $ratio takes $bits bits of a random word for each value', ({ ratio, bits }) => {
    const random = createRandom(0).split('dropout', 'drop6', 1);
    const words = Array.from({ length: 40 }, () => BigInt(random.uint32()));
    const stream = words.reduce((all, word, i) => all | (word << BigInt(32 * i)), 0n);
    const expected = Array.from({ length: 1280 / bits }, (_, i) => {
      const drawn = Number(BigInt.asUintN(bits, stream >> BigInt(i * bits)));
      return drawn < Math.round(ratio * 2 ** bits) ? 0 : Math.fround(1 / (1 - ratio));
    });
    // An even number of values, which are written two at a time where their bits are few, and an odd one.
    for (const length of [expected.length, expected.length - 1, 6, 1]) {
      expect([...maskOf({ ratio, length })]).toEqual(expected.slice(0, length));
    }
  });

  test('half is as many zeros as ones, about', () => {
    const zeros = maskOf({ ratio: 0.5 }).filter((value) => value === 0).length;
    // Standard deviation of the count: √(10001 / 4) = 50.
    expect(Math.abs(zeros - 5000)).toBeLessThan(250);
  });

  test('ratio 0 drops nothing', () => {
    expect(new Set(maskOf({ ratio: 0 }))).toEqual(new Set([1]));
  });

  test('a part of an array that begins at an odd number of values is filled alike', () => {
    const odd = new Float32Array(65).subarray(1);
    fillDropoutMask(odd, { seed: 0, step: 1, node: 'drop6', ratio: 0.5 });
    expect(odd).toEqual(maskOf({ ratio: 0.5, length: 64 }));
  });

  test('depends on seed, step and node, and on nothing else', () => {
    expect(maskOf({})).toEqual(maskOf({}));
    for (const other of [{ seed: 1 }, { step: 2 }, { node: 'drop7' }]) {
      expect(maskOf(other)).not.toEqual(maskOf({}));
    }
  });
});
