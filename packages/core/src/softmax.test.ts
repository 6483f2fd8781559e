import { expect, test } from 'vitest';
import { crossEntropy, softmax } from './softmax.ts';

test('gives shares in the ratio of the exponentials', () => {
  // exp(ln 1), exp(ln 2), exp(ln 5): 1 : 2 : 5, and Math.log is rounded to float32 on the way in.
  const shares = softmax(Float32Array.of(Math.log(1), Math.log(2), Math.log(5)));
  expect(shares[0]).toBeCloseTo(0.125, 7);
  expect(shares[1]).toBeCloseTo(0.25, 7);
  expect(shares[2]).toBeCloseTo(0.625, 7);
});

test('does not overflow, and adds up to 1 in float64', () => {
  const shares = softmax(Float32Array.of(3e38, 3e38, -3e38));
  expect([...shares]).toEqual([0.5, 0.5, 0]);
  const many = softmax(Float32Array.from({ length: 1000 }, (_, index) => Math.sin(index) * 20));
  expect(Math.abs(many.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-14);
});

test('the cross-entropy is minus the logarithm of the probability', () => {
  const logits = Float32Array.of(0, Math.log(2), Math.log(5));
  expect(crossEntropy(logits, 1)).toBeCloseTo(Math.log(4), 6);
  expect(crossEntropy(Float32Array.of(1000, 0), 1)).toBe(1000);
  expect(crossEntropy(Float32Array.of(-1000, -1000), 0)).toBeCloseTo(Math.log(2), 12);
});
