import { AlexNetError, type Graph } from '@alexnet/core';

/**
 * The same network with another alpha in every LRN.
 *
 * @param alpha - per element
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a network without LRN
 */
export function setLrnAlpha(graph: Graph, alpha: number): Graph {
  if (!graph.nodes.some(({ op }) => op === 'LRN')) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${graph.name} has no LRN, so that its alpha cannot be ${alpha}.`,
      hint: 'Leave the alpha out.',
    });
  }
  const nodes = graph.nodes.map((node) =>
    node.op === 'LRN' ? { ...node, attributes: { ...node.attributes, alpha } } : node,
  );
  return { ...graph, nodes };
}
