import type { NodeOf } from '../graph/graph.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { createTensor } from '../tensor.ts';
import { withShapes } from './rewire.ts';
import { type WeightedGraph, withWeights } from './weighted-graph.ts';

/** The weight of a convolution in other groups, and what did not fit into them. */
export interface Regrouped {
  /** [O, I / groups, kH, kW] */
  readonly weight: Tensor;
  /** Weights other than zero that link channels of different groups. */
  readonly droppedCount: number;
  /** The largest of them. */
  readonly droppedLargest: number;
  /** Their share of the sum of squares of all weights, 0 to 1. */
  readonly droppedEnergy: number;
}

/**
 * Lays a convolution's weight out for another number of groups: links that did not exist become zeros, links
 * that cannot exist any more are dropped and counted.
 *
 * @param weight - [O, I / from, kH, kW]
 */
export function regroup(weight: Tensor, from: number, to: number): Regrouped {
  const [O = 0, channels = 0, ...kernel] = weight.shape;
  const I = channels * from;
  const taps = kernel.reduce((product, length) => product * length, 1);
  const regrouped = createTensor([O, I / to, ...kernel]);
  let droppedCount = 0;
  let droppedLargest = 0;
  let dropped = 0;
  let total = 0;
  for (let o = 0; o < O; o++) {
    const firstRead = Math.floor(o / (O / from)) * channels;
    const firstKept = Math.floor(o / (O / to)) * (I / to);
    for (let i = 0; i < channels; i++) {
      const target = firstRead + i - firstKept;
      const isKept = target >= 0 && target < I / to;
      for (let tap = 0; tap < taps; tap++) {
        const w = weight.data[(o * channels + i) * taps + tap] ?? 0;
        total += w ** 2;
        if (isKept) regrouped.data[(o * (I / to) + target) * taps + tap] = w;
        else if (w !== 0) {
          droppedCount += 1;
          droppedLargest = Math.max(droppedLargest, Math.abs(w));
          dropped += w ** 2;
        }
      }
    }
  }
  return {
    weight: regrouped,
    droppedCount,
    droppedLargest,
    droppedEnergy: total > 0 ? dropped / total : 0,
  };
}

/** A model with other groups in one convolution. */
export function withGroups<M extends WeightedGraph>(
  model: M,
  node: NodeOf<'Conv'>,
  { group, weight }: { readonly group: number; readonly weight: Tensor },
): M {
  const [, name] = node.inputs;
  const shapes = new Map<string, Shape>([[name, weight.shape]]);
  const graph = withShapes(model.graph, shapes);
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.map((other) =>
        other === node ? { ...node, attributes: { ...node.attributes, group } } : other,
      ),
    },
    weights: withWeights(model.weights, new Map([[name, weight]])),
  };
}
