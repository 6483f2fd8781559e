import type { MagnitudeHistogram } from './magnitude-histogram.ts';

/**
 * The magnitude to cut off at so that what remains, in so many levels, tells most of what the numbers told: the least
 * Kullback–Leibler divergence of the rounded from the true distribution, with what is cut off counted at the end.
 *
 * @see S. Migacz, 8-bit inference with TensorRT, GTC 2017
 */
export function findEntropyThreshold(
  { counts, reach }: Pick<MagnitudeHistogram, 'counts' | 'reach'>,
  levels: number,
): number {
  const tails = sumsFromEnd(counts);
  let best = { divergence: Number.POSITIVE_INFINITY, bins: counts.length };
  for (let bins = levels; bins <= counts.length; bins++) {
    const divergence = divergenceOf(counts.subarray(0, bins), tails[bins] ?? 0, levels);
    if (divergence < best.divergence) best = { divergence, bins };
  }
  return (reach * best.bins) / counts.length;
}

/** Of each place: the sum from there on. */
function sumsFromEnd(counts: Float64Array): Float64Array {
  const sums = new Float64Array(counts.length + 1);
  for (let bin = counts.length - 1; bin >= 0; bin--) {
    sums[bin] = (sums[bin + 1] ?? 0) + (counts[bin] ?? 0);
  }
  return sums;
}

/** Σ p · ln(p / q), where q has one number for each level, spread over the places that are not empty. */
function divergenceOf(kept: Float64Array, cutOff: number, levels: number): number {
  const last = kept.length - 1;
  const sum = kept.reduce((total, count) => total + count, 0);
  const truth = sum + cutOff;
  if (sum === 0) return Number.POSITIVE_INFINITY;
  let divergence = 0;
  for (let level = 0; level < levels; level++) {
    const begin = Math.floor((level * kept.length) / levels);
    const end = Math.floor(((level + 1) * kept.length) / levels);
    let mass = 0;
    let places = 0;
    for (let bin = begin; bin < end; bin++) {
      const count = kept[bin] ?? 0;
      mass += count;
      if (count > 0) places += 1;
    }
    for (let bin = begin; bin < end; bin++) {
      const count = (kept[bin] ?? 0) + (bin === last ? cutOff : 0);
      if (count === 0) continue;
      // Where only what is cut off lies, the levels have nothing: as good as no information.
      if (places === 0 || (kept[bin] ?? 0) === 0) return Number.POSITIVE_INFINITY;
      divergence += (count / truth) * Math.log(count / truth / (mass / places / sum));
    }
  }
  return divergence;
}
