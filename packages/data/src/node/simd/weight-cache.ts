import { createResampleWeights, type ResampleWeights } from '../../resize/resample-weights.ts';
import { createNearRecords } from './near-records.ts';
import { createBlendRecords, createRecords, type WeightRecords } from './sample-records.ts';

/** Weights of parts that were resized before: a random part has one of few hundred sides. */
export interface WeightCache {
  readonly createWeights: typeof createResampleWeights;
  readonly columns: (weights: ResampleWeights) => WeightRecords;
  readonly rows: (weights: ResampleWeights) => WeightRecords;
  /** `null` where resampleNearRows is not to be used. */
  readonly nearRows: (weights: ResampleWeights) => WeightRecords | null;
}

/** Of weights, records not counted, which are several times as large. */
const MOST_BYTES = 2 ** 22;

/** Records that take longer to make than they save once are made for weights that come again. */
export function createWeightCache(): WeightCache {
  const known = new Map<string, ResampleWeights>();
  let sizeBytes = 0;
  const createSimple = remember(createRecords);
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
    columns: onceMore(createSimple, remember(createBlendRecords)),
    rows: createSimple,
    nearRows: onceMore(() => null, remember(createNearRecords)),
  };
}

type Create<T> = (weights: ResampleWeights) => T;

function remember<T>(create: Create<T>): Create<T> {
  const known = new WeakMap<ResampleWeights, T>();
  return (weights) => {
    const found = known.get(weights);
    if (found !== undefined) return found;
    const created = create(weights);
    known.set(weights, created);
    return created;
  };
}

/** One way for weights that are new, another for those that were there before. */
function onceMore<T>(first: Create<T>, later: Create<T>): Create<T> {
  const seen = new WeakSet<ResampleWeights>();
  return (weights) => {
    if (seen.has(weights)) return later(weights);
    seen.add(weights);
    return first(weights);
  };
}
