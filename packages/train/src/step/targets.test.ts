import { describe, expect, test } from 'vitest';
import { createTargets, type Targets } from './targets.ts';

/** −Σ target · log p / normalizer, for pictures that all get the probabilities 1/8, 1/4, 5/8. */
function lossOf({ rows, normalizer }: Targets): number {
  const p = [1 / 8, 1 / 4, 5 / 8];
  const total = rows.reduce((sum, target, i) => sum - target * Math.log(p[i % 3] ?? 1), 0);
  return total / normalizer;
}

describe('createTargets', () => {
  test('each picture is wholly of its class; rows without a picture are zero', () => {
    const targets = createTargets([2, 0], { batchSize: 3, classes: 3 });
    expect([...targets.rows]).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(targets.normalizer).toBe(2);
  });

  test('smoothing gives a share to all classes alike', () => {
    const { rows, normalizer } = createTargets([1], { batchSize: 1, classes: 4, smoothing: 0.2 });
    const expected = [0.05, 0.85, 0.05, 0.05];
    rows.forEach((value, j) => {
      expect(value).toBeCloseTo(expected[j] ?? 0, 6);
    });
    expect(normalizer).toBe(1);
  });

  test('class weights: the mean is taken over the weights', () => {
    // Labels 0 and 1 with weights 1 and 3: (1 · ln 8 + 3 · ln 4) / 4.
    const targets = createTargets([0, 1], { batchSize: 2, classes: 3, classWeights: [1, 3, 2] });
    expect(lossOf(targets)).toBeCloseTo((Math.log(8) + 3 * Math.log(4)) / 4, 6);
  });

  test('class weights and smoothing together, as torch.nn.CrossEntropyLoss has them', () => {
    // Label 0, weights 1, 3, 2, smoothing 0.3: (0.7 · ln 8 + 0.1 · (ln 8 + 3 · ln 4 + 2 · ln 1.6)) / 1.
    // torch 2.15.0: CrossEntropyLoss(weight=[1, 3, 2], label_smoothing=0.3)([ln 1, ln 2, ln 5], 0) = 2.17342
    const targets = createTargets([0], {
      batchSize: 1,
      classes: 3,
      smoothing: 0.3,
      classWeights: [1, 3, 2],
    });
    const byHand = 0.7 * Math.log(8) + 0.1 * (Math.log(8) + 3 * Math.log(4) + 2 * Math.log(1.6));
    expect(lossOf(targets)).toBeCloseTo(byHand, 6);
    expect(lossOf(targets)).toBeCloseTo(2.17342, 4);
  });

  test('mixed pictures belong to two classes', () => {
    const mixed = { labels: Int32Array.of(1, 0), share: 0.75 };
    const { rows, normalizer } = createTargets([0, 0], { batchSize: 2, classes: 2, mixed });
    expect([...rows]).toEqual([0.75, 0.25, 1, 0]);
    expect(normalizer).toBe(2);
  });

  test('no picture at all: nothing is divided by zero', () => {
    expect(createTargets([], { batchSize: 1, classes: 2 })).toEqual({
      rows: new Float32Array(2),
      normalizer: 1,
    });
  });
});
