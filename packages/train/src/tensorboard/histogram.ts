import type { Histogram } from './event.ts';

const BUCKETS = 30;

/** Counts values in buckets of one width between the smallest and the largest. Values that are no numbers are left out. */
export function countValues(values: Float32Array): Histogram {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let count = 0;
  let sum = 0;
  let sumSquares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumSquares += value * value;
  }
  if (count === 0) return { min: 0, max: 0, count, sum, sumSquares, limits: [0], counts: [0] };
  const width = (max - min) / BUCKETS;
  if (width === 0) return { min, max, count, sum, sumSquares, limits: [max], counts: [count] };
  const counts = Array.from({ length: BUCKETS }, () => 0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bucket = Math.min(BUCKETS - 1, Math.floor((value - min) / width));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const limits = counts.map((_, bucket) => min + width * (bucket + 1));
  return { min, max, count, sum, sumSquares, limits, counts };
}
