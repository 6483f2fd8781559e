import { AlexNetError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { ModelMetadata } from '../model/model.ts';
import { formatShape, isSameShape, type Tensor, type Weights } from '../tensor.ts';

/** A graph with its weights: what transforms work on. Every `Model` is one. */
export interface WeightedGraph {
  readonly graph: Graph;
  readonly weights: Weights;
}

/**
 * The array of a parameter, as the graph declares it.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if it is missing or has another shape
 */
export function weightOf({ graph, weights }: WeightedGraph, name: string): Tensor {
  const shape = graph.parameters.find((parameter) => parameter.name === name)?.shape;
  const tensor = weights.get(name);
  if (shape && tensor && isSameShape(shape, tensor.shape)) return tensor;
  throw new AlexNetError('INVALID_MODEL', {
    message: `${name} should be ${shape ? formatShape(shape) : 'a parameter'}, but ${tensor ? `is ${formatShape(tensor.shape)}` : 'is missing'}.`,
    hint: `Are these the weights of ${graph.name}?`,
    path: [name],
  });
}

/** Weights with some arrays changed; the others are the same arrays. */
export function withWeights(weights: Weights, changed: Weights): Weights {
  return new Map([...weights, ...changed]);
}

/** Validation figures hold for the weights that they were measured with. */
export function forgetValidation(metadata: ModelMetadata): ModelMetadata {
  const { validation: _validation, ...provenance } = metadata.provenance;
  return { ...metadata, provenance };
}
