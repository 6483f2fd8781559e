import { expect, test } from 'vitest';
import { averageCrops } from './average-crops.ts';

test('averages the probabilities of the crops, picture by picture', async () => {
  // By hand: softmax of [ln 1, ln 3] is [1/4, 3/4], of [ln 1, ln 1] [1/2, 1/2], of [ln 4, ln 1] [4/5, 1/5].
  const rows = [
    [1, 3],
    [1, 1],
    [4, 1],
    [4, 1],
  ];
  const calls: number[] = [];
  const forward = averageCrops(async (images, count) => {
    calls.push(count);
    return images;
  }, 2);
  const logits = Float32Array.from(rows.flat(), Math.log);
  const scores = Array.from(await forward(logits, 2), Math.exp);
  [3 / 8, 5 / 8, 4 / 5, 1 / 5].forEach((expected, i) => {
    expect(scores[i]).toBeCloseTo(expected, 6);
  });
  expect(calls).toEqual([4]);
});
