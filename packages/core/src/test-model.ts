import type { Graph } from './graph/graph.ts';
import type { Float64Tensor } from './interpret/float64-tensor.ts';
import { interpret } from './interpret/interpret.ts';
import type { Model } from './model/model.ts';
import { createRandom } from './random.ts';
import { createTensor, type Shape, type Tensor, type Weights } from './tensor.ts';

/** Values from N(0, 1). */
export function randomTensor(shape: Shape, seed = 7): Tensor {
  const tensor = createTensor(shape);
  createRandom(seed).fillNormal(tensor.data);
  return tensor;
}

/**
 * Weights for tests: none is zero, biases and running statistics included, so that none can be forgotten.
 * Variances lie in [0.5, 1.5].
 */
function randomWeights(graph: Graph, seed = 1): Weights {
  return new Map(
    graph.parameters.map(({ name, shape }) => {
      const random = createRandom(seed).split(name);
      const tensor = createTensor(shape);
      const [, ...rest] = shape;
      const fanIn = rest.reduce((product, length) => product * length, 1);
      const spread = Math.sqrt(2 / fanIn);
      for (let i = 0; i < tensor.data.length; i++) {
        tensor.data[i] = name.endsWith('.variance')
          ? random.uniform(0.5, 1.5)
          : spread * random.normal();
      }
      return [name, tensor] as const;
    }),
  );
}

/** A model of a graph, with random weights and colour pictures in 0–255. */
export function randomModel(graph: Graph, labels: readonly string[] = []): Model {
  return {
    graph,
    weights: randomWeights(graph),
    metadata: {
      preset: null,
      labels,
      preprocessing: {
        resize: { mode: 'none' },
        crop: null,
        channels: 'RGB',
        scale: 1,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
      provenance: { origin: 'initialized', seed: 1 },
    },
  };
}

/** What a network makes of an input, in float64. */
export function outputOf(
  { graph, weights }: { readonly graph: Graph; readonly weights: Weights },
  input: Tensor | Float64Tensor = randomTensor([2, ...graph.input.shape]),
  value: string = graph.output,
): Float64Array {
  return interpret(graph, weights, input, { taps: [value] }).get(value)?.data ?? new Float64Array();
}

/** The largest difference, as a share of the largest expected value. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  if (actual.length !== expected.length || actual.length === 0) return Number.POSITIVE_INFINITY;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (actual[i] ?? Number.NaN)) / largest),
    0,
  );
}
