import { AlexNetError } from '../errors.ts';
import type { Graph, LinearNode, Node } from './graph.ts';

/** The layer that the scores come from, and the nodes between it and the output, the last one first. */
export interface TracedHead {
  readonly head: LinearNode;
  readonly behind: readonly Node[];
}

/**
 * The layer whose outputs become the scores of the classes.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if there is none
 */
export function findHead(graph: Graph): LinearNode {
  return requireHead(graph).head;
}

/** @throws {@link AlexNetError} `UNSUPPORTED` if there is none */
export function requireHead(graph: Graph): TracedHead {
  const traced = traceHead(graph);
  if (traced) return traced;
  throw new AlexNetError('UNSUPPORTED', {
    message: `${graph.name} has no fully connected layer to give other classes to.`,
    hint: 'Train it on the classes that it has, or end the network with a Gemm.',
    path: [graph.output],
  });
}

/** From the output back to a layer with outputs of its own, through what has as many as it is given. */
export function traceHead(graph: Graph): TracedHead | null {
  const behind: Node[] = [];
  let value = graph.output;
  for (const node of graph.nodes.toReversed()) {
    if (node.output !== value) continue;
    switch (node.op) {
      case 'Conv':
      case 'Gemm':
        return { head: node, behind };
      case 'AdaptiveAveragePool':
      case 'AveragePool':
      case 'BatchNormalization':
      case 'Dropout':
      case 'Flatten':
      case 'LRN':
      case 'MaxPool':
      case 'Relu':
      case 'Softmax':
      case 'SpatialLRN':
      case 'Tanh':
        behind.push(node);
        [value] = node.inputs;
        break;
      default:
        node satisfies never;
    }
  }
  return null;
}
