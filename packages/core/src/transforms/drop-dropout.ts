import { removeNode } from './rewire.ts';
import type { WeightedGraph } from './weighted-graph.ts';

/**
 * The same network without its Dropout layers: the same outputs, which is all that inference needs.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if the network is nothing but dropout
 */
export function dropDropout<M extends WeightedGraph>(model: M): M {
  let { graph } = model;
  for (;;) {
    const node = graph.nodes.find(({ op }) => op === 'Dropout');
    if (!node) return graph === model.graph ? model : { ...model, graph };
    graph = removeNode(graph, node);
  }
}
