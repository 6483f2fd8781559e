import { describe, expect, test } from 'vitest';
import { createEvaluationCollector, indexOfLargest } from './metrics.ts';

test('indexOfLargest takes the first of equals', () => {
  expect(indexOfLargest(Float32Array.of(1, 3, 3, 2))).toBe(1);
});

describe('createEvaluationCollector', () => {
  const collector = createEvaluationCollector(['a', 'b', 'c', 'd', 'e', 'f']);
  // True classes a, a, b, b, c; called a, b, b, b, a.
  collector.add(Float32Array.of(9, 1, 1, 1, 1, 1), 0);
  collector.add(Float32Array.of(1, 9, 1, 1, 1, 1), 0);
  collector.add(Float32Array.of(1, 9, 1, 1, 1, 1), 1);
  collector.add(Float32Array.of(1, 9, 1, 1, 1, 1), 1);
  collector.add(Float32Array.of(9, 8, 0, 7, 6, 5), 2);
  const evaluation = collector.finish();

  test('a label that is no class is none', () => {
    const one = createEvaluationCollector(['a']);
    expect(() => one.add(Float32Array.of(1), 1)).toThrow('label 1 is none of 1 classes');
  });

  test('counts right ones', () => {
    expect(evaluation.count).toBe(5);
    expect(evaluation.top1).toBeCloseTo(3 / 5, 12);
  });

  test('top-5 takes ties in favour and leaves the sixth out', () => {
    expect(evaluation.top5).toBeCloseTo(4 / 5, 12);
  });

  test('precision, recall and F1 by hand', () => {
    expect(evaluation.classes[0]).toEqual({
      label: 'a',
      precision: 1 / 2,
      recall: 1 / 2,
      f1: 1 / 2,
    });
    expect(evaluation.classes[1]).toEqual({
      label: 'b',
      precision: 2 / 3,
      recall: 1,
      f1: expect.closeTo(0.8, 12),
    });
    expect(evaluation.classes[2]).toEqual({ label: 'c', precision: 0, recall: 0, f1: 0 });
  });

  test('the confusion matrix has the true class in the row', () => {
    expect(evaluation.confusion.slice(0, 3)).toEqual([
      [1, 1, 0, 0, 0, 0],
      [0, 2, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0],
    ]);
  });
});
