import type { Model } from '../model/model.ts';
import { type FreshWeightsOptions, withFreshWeights } from './fresh-weights.ts';
import { selectParameters } from './select-parameters.ts';
import { forgetValidation } from './weighted-graph.ts';

/**
 * The same network with fresh weights in some layers: what they have learnt is forgotten.
 *
 * @param patterns - layers or parameters, as {@link selectParameters} takes them: `fc8`, `fc*`
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a pattern that names nothing, listing the layers
 */
export function reinitialize(
  model: Model,
  patterns: readonly string[],
  options: FreshWeightsOptions = {},
): Model {
  const names = selectParameters(model.graph, patterns);
  if (names.length === 0) return model;
  return {
    graph: model.graph,
    weights: withFreshWeights(model, names, options),
    metadata: forgetValidation(model.metadata),
  };
}
