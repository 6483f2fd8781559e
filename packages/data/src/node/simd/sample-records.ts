import { PRECISION_BITS, type ResampleWeights } from '../../resize/resample-weights.ts';
import { findBlendFactor } from './blend-factor.ts';

/** Weights of one axis as kernels.wat takes them. */
export interface WeightRecords {
  readonly values: Int32Array;
  readonly recordBytes: number;
}

const ONE = 2 ** PRECISION_BITS;
const HEAD = 2;

/** A record for each output sample, as resampleRows takes it. */
export function createRecords({ starts, counts, stride, values }: ResampleWeights): WeightRecords {
  const length = HEAD + 2 * Math.ceil(stride / 2);
  const records = new Int32Array(length * starts.length);
  for (let i = 0; i < starts.length; i++) {
    const count = counts[i] as number;
    const from = i * stride;
    let to = i * length;
    records[to] = starts[i] as number;
    records[to + 1] = (count + 1) >> 1;
    for (let k = 0; k < count; k += 2) {
      to += 2;
      const second = k + 1 < count ? (values[from + k + 1] as number) : 0;
      const pair = splitPair(values[from + k] as number, second);
      records[to] = pair.upper;
      records[to + 1] = pair.lower;
    }
  }
  return { values: records, recordBytes: 4 * length };
}

/** As {@link createRecords}, with blends where they give the same: as resampleColumns takes it. */
export function createBlendRecords(weights: ResampleWeights): WeightRecords {
  const records = createRecords(weights);
  const length = records.recordBytes / 4;
  for (let i = 0; i < weights.starts.length; i++) {
    const factor = weights.counts[i] === 2 ? findFactor(weights, i) : null;
    if (factor !== null) records.values.set([0, factor], i * length + 1);
  }
  return records;
}

/** Of the first of two samples; `null` where they are no blend. */
export function findFactor({ stride, values }: ResampleWeights, i: number): number | null {
  const first = values[i * stride] as number;
  const second = values[i * stride + 1] as number;
  const isBlend = first >= 0 && first < ONE && first + second === ONE;
  return isBlend ? findBlendFactor(first) : null;
}

/** Two weights as kernels.wat multiplies by them. */
export interface WeightPair {
  /** In units of 2⁻¹¹, as two numbers of 16 bits. */
  readonly upper: number;
  /** The lower eleven bits of both. */
  readonly lower: number;
}

export function splitPair(first: number, second: number): WeightPair {
  return {
    upper: ((first >> 11) & 0xffff) | ((second >> 11) << 16),
    lower: (first & 0x7ff) | ((second & 0x7ff) << 16),
  };
}
