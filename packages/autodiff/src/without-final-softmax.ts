import type { Graph } from '@alexnet/core';

/**
 * The network up to its logits: a Softmax at the very end is left out. The loss takes the logarithm of the
 * softmax in one go, in a form that cannot overflow.
 */
export function withoutFinalSoftmax(graph: Graph): Graph {
  const last = graph.nodes.find((node) => node.output === graph.output);
  return last?.op === 'Softmax' ? { ...graph, output: last.inputs[0] } : graph;
}
