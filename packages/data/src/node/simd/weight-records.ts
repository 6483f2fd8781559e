import { createResampleWeights, type ResampleWeights } from '../../resize/resample-weights.ts';

/** The weights of one axis as kernels.wat takes them, a record for each output sample. */
export interface WeightRecords {
  readonly values: Int32Array;
  readonly recordBytes: number;
}

/** Weights of parts that were resized before: a random part has one of few hundred sides. */
export interface WeightCache {
  readonly createWeights: typeof createResampleWeights;
  /** For the horizontal pass. */
  rowRecords(weights: ResampleWeights): WeightRecords;
  /** For the vertical pass. */
  columnRecords(weights: ResampleWeights): WeightRecords;
}

/** Of weights, records not counted, which are about as large. */
const MOST_BYTES = 2 ** 22;

export function createWeightCache(): WeightCache {
  const known = new Map<string, ResampleWeights>();
  let sizeBytes = 0;
  return {
    createWeights(length, resized, options) {
      const { interpolation, span } = options;
      const { filter, antialias } = interpolation;
      const key = `${length} ${resized} ${span.from} ${span.to} ${filter} ${antialias}`;
      const found = known.get(key);
      if (found) return found;
      const weights = createResampleWeights(length, resized, options);
      sizeBytes += weights.values.byteLength;
      if (sizeBytes > MOST_BYTES) {
        known.clear();
        sizeBytes = weights.values.byteLength;
      }
      known.set(key, weights);
      return weights;
    },
    rowRecords: cacheRecords(halvePair),
    columnRecords: cacheRecords(keepPair),
  };
}

/** Writes two weights as the two numbers of a pair in a record. */
type WritePair = (first: number, second: number, records: Int32Array, to: number) => void;

function keepPair(first: number, second: number, records: Int32Array, to: number): void {
  records[to] = first;
  records[to + 1] = second;
}

/** The upper parts of both in one number, in units of 2⁻¹¹, then the lower eleven bits of both. */
function halvePair(first: number, second: number, records: Int32Array, to: number): void {
  records[to] = ((first >> 11) & 0xffff) | ((second >> 11) << 16);
  records[to + 1] = (first & 0x7ff) | ((second & 0x7ff) << 16);
}

function cacheRecords(writePair: WritePair): (weights: ResampleWeights) => WeightRecords {
  const known = new WeakMap<ResampleWeights, WeightRecords>();
  return (weights) => {
    const records = known.get(weights) ?? createRecords(weights, writePair);
    known.set(weights, records);
    return records;
  };
}

function createRecords(
  { starts, counts, stride, values }: ResampleWeights,
  writePair: WritePair,
): WeightRecords {
  const length = 2 + 2 * Math.ceil(stride / 2);
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
      writePair(values[from + k] as number, second, records, to);
    }
  }
  return { values: records, recordBytes: 4 * length };
}
