import { AlexNetError } from '../errors.ts';
import type { Graph, Parameter } from '../graph/graph.ts';
import { type InitScheme, initializeWeights } from '../initialize/initialize-weights.ts';
import type { Weights } from '../tensor.ts';
import { type WeightedGraph, weightOf } from './weighted-graph.ts';

export interface FreshWeightsOptions {
  /** 0 unless given. */
  readonly seed?: number;
  /** `he` unless given. */
  readonly init?: InitScheme;
}

/**
 * The weights of a network with fresh arrays for some of its parameters: the same numbers as in a new network
 * with this seed. The others are the same arrays.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for the published scheme where the network says nothing of it;
 *   `INVALID_MODEL` naming a kept weight that is missing
 */
export function withFreshWeights(
  model: WeightedGraph,
  names: readonly string[],
  { seed = 0, init = 'he' }: FreshWeightsOptions,
): Weights {
  const { graph } = model;
  const fresh = new Set(names);
  const silent = findSilent(graph, fresh);
  if (init === 'published' && silent) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${graph.name} does not say how ${silent.name} is to be initialised: it comes from a file with weights.`,
      hint: 'Use the scheme "he" or "glorot".',
      path: [silent.name],
    });
  }
  const kept = graph.parameters.filter(({ name }) => !fresh.has(name));
  const keep = new Map(kept.map(({ name }) => [name, weightOf(model, name)]));
  return initializeWeights(graph, { seed, init, keep });
}

/** A parameter that would start as no network can: all weights alike, or a variance of 0. */
function findSilent(graph: Graph, fresh: ReadonlySet<string>): Parameter | undefined {
  const variances = new Set(
    graph.nodes.map((node) => (node.op === 'BatchNormalization' ? node.inputs[4] : undefined)),
  );
  return graph.parameters.find(({ name, shape, initializer }) => {
    if (!fresh.has(name) || initializer.kind !== 'constant') return false;
    return shape.length > 1 || (variances.has(name) && initializer.value === 0);
  });
}
