import type { Graph } from './graph.ts';

/**
 * Names of the parameters that are running statistics: mean and variance of each BatchNormalization. They are
 * part of the weights, but follow the batches of a training in place of a gradient.
 */
export function runningStatistics(graph: Graph): ReadonlySet<string> {
  return new Set(
    graph.nodes.flatMap((node) =>
      node.op === 'BatchNormalization' ? [node.inputs[3], node.inputs[4]] : [],
    ),
  );
}
