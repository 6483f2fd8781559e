import { createRandom, type Tensor } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { quantizeRows } from './quantize-rows.ts';

test('each row has its own scale; ties go to the even step', () => {
  const data = Float32Array.of(127, -63.5, 2.5, 0, 0, 0, 0.5, -0.25, 1);
  expect(quantizeRows('w', { shape: [3, 3], data })).toEqual({
    values: Int8Array.of(127, -64, 2, 0, 0, 0, 64, -32, 127),
    scales: Float32Array.of(1, 1, 1 / 127),
  });
});

test('no number is further off than half a step', () => {
  const weight = makeNoise([64, 99], 1);
  const { values, scales } = quantizeRows('w', weight);
  for (const [index, value] of weight.data.entries()) {
    const scale = scales[Math.floor(index / 99)] ?? 0;
    expect(Math.abs((values[index] ?? 0) * scale - value)).toBeLessThanOrEqual(
      (scale / 2) * (1 + 1e-6),
    );
  }
});

test('what is read back gives the same values and scales', () => {
  // Thousands of scales: one in 128 lies where 127 of it divided by 127 would round beside it.
  const weight = makeNoise([4000, 3], 2);
  const first = quantizeRows('w', weight);
  const data = Float32Array.from(
    first.values,
    (value, index) => value * (first.scales[Math.floor(index / 3)] ?? 0),
  );
  expect(quantizeRows('w', { ...weight, data })).toEqual(first);
});

test('rows of next to nothing keep a scale that no processor takes for 0', () => {
  const { scales, values } = quantizeRows('w', { shape: [1, 1], data: Float32Array.of(1e-40) });
  expect(scales[0]).toBe(2 ** -126);
  expect(values[0]).toBe(0);
});

describe('refuses', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d, by weight and place', (value) => {
    const data = Float32Array.of(0, 0, 0, value);
    expect(() => quantizeRows('conv1.weight', { shape: [2, 2], data })).toThrow(
      `conv1.weight has ${value} at index 3`,
    );
  });
});

function makeNoise(shape: readonly [number, number], seed: number): Tensor {
  const data = new Float32Array(shape[0] * shape[1]);
  createRandom(seed).fillNormal(data);
  return { shape, data };
}
