import { createResampleWeights, type ResampleWeights } from '../../resize/resample-weights.ts';

/** The weights of one axis as kernels.wat takes them, a record for each output sample. */
export interface WeightRecords {
  readonly values: Int32Array;
  readonly recordBytes: number;
}

/** Weights of parts that were resized before: a random part has one of few hundred sides. */
export interface WeightCache {
  readonly createWeights: typeof createResampleWeights;
  readonly records: (weights: ResampleWeights) => WeightRecords;
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
    records: cacheRecords(),
  };
}

function cacheRecords(): WeightCache['records'] {
  const known = new WeakMap<ResampleWeights, WeightRecords>();
  return (weights) => {
    const records = known.get(weights) ?? createRecords(weights);
    known.set(weights, records);
    return records;
  };
}

function createRecords({ starts, counts, stride, values }: ResampleWeights): WeightRecords {
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
      const first = values[from + k] as number;
      const second = k + 1 < count ? (values[from + k + 1] as number) : 0;
      // The upper parts of both in one number, in units of 2⁻¹¹, then the lower eleven bits of both.
      records[to] = ((first >> 11) & 0xffff) | ((second >> 11) << 16);
      records[to + 1] = (first & 0x7ff) | ((second & 0x7ff) << 16);
    }
  }
  return { values: records, recordBytes: 4 * length };
}
