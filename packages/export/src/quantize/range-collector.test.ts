import { createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { type CalibrationMethod, createRangeCollector } from './range-collector.ts';

function collect(method: CalibrationMethod, ...batches: readonly (readonly number[])[]) {
  const collector = createRangeCollector(method);
  for (const batch of batches) collector.add('relu1', Float32Array.from(batch));
  return collector.finish().get('relu1');
}

function makeNormal(count: number): number[] {
  const random = createRandom(1);
  return Array.from({ length: count }, () => random.normal());
}

test('min-max is the least and the largest of all batches', () => {
  expect(collect('min-max', [0.5, 2], [-3, 1])).toEqual({ min: -3, max: 2 });
  expect(collect('min-max', [0, 0])).toEqual({ min: 0, max: 0 });
  expect(collect('min-max', [5, 7])).toEqual({ min: 5, max: 7 });
});

test('percentile cuts off the largest 0.01 %, zeros not counted, also where they come late', () => {
  const ones = new Array<number>(99_999).fill(1);
  const zeros = new Array<number>(1000).fill(0);
  const range = collect('percentile', [...zeros, ...ones], [1000]);
  expect(range?.min).toBe(0);
  // One of 2048 places, up to the power of 2 above 1000.
  expect(range?.max).toBeGreaterThanOrEqual(1);
  expect(range?.max).toBeLessThan(1.5);
});

describe('entropy', () => {
  test('cuts rare numbers off, but not what there is much of', () => {
    const range = collect('entropy', [...makeNormal(200_000), 40]);
    expect(range?.max).toBeGreaterThan(2.5);
    expect(range?.max).toBeLessThan(10);
    expect(range?.min).toBeGreaterThan(-10);
    expect(range?.min).toBeLessThan(-2.5);
  });

  test('keeps all of what is spread evenly', () => {
    const even = Array.from({ length: 100_000 }, (_, i) => (i + 1) / 100_000);
    expect(collect('entropy', even)?.max).toBeGreaterThan(0.98);
  });
});

describe('refuses', () => {
  test('numbers that are none, by the layer that gave them', () => {
    expect(() => collect('min-max', [1, Number.NaN, Number.POSITIVE_INFINITY])).toThrow(
      'relu1 gave 2 numbers that are not finite.',
    );
  });

  test('a method that is none', () => {
    const method: CalibrationMethod = JSON.parse('"mean"');
    expect(() => createRangeCollector(method)).toThrow('There is no calibration "mean".');
  });
});
