import { AlexNetError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { dropUnread } from './rewire.ts';
import type { WeightedGraph } from './weighted-graph.ts';

/**
 * The part of a network that makes one of its values: a feature extractor. Layers that the value does not
 * depend on, and parameters that nothing reads, are dropped.
 *
 * What comes out need not be scores of classes (pool5 is [N, C, H, W]), so the result is a graph with its
 * weights and no model: labels would mean nothing. The model's preprocessing still holds. Where the value
 * is [N, classes], `{ ...model, ...cutAt(model, value) }` is a model again.
 *
 * @param value - name of a value or of the layer that makes it: `pool5`, `fc7`
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` listing the values that exist
 */
export function cutAt({ graph, weights }: WeightedGraph, value: string): WeightedGraph {
  const last =
    graph.nodes.find((node) => node.output === value) ??
    graph.nodes.find((node) => node.name === value);
  if (!last) {
    const isInput = value === graph.input.name;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: isInput
        ? `"${value}" is the input of ${graph.name}: no layer would be left.`
        : `${graph.name} has no value "${value}".`,
      hint: `Values: ${graph.nodes.map(({ output }) => output).join(', ')}.`,
      path: [value],
    });
  }
  const cut = keepAncestors(graph, last.output);
  const parameters = graph.parameters.map(({ name }) => name);
  return dropUnread({ graph: cut, weights }, parameters);
}

function keepAncestors(graph: Graph, output: string): Graph {
  const needed = new Set([output]);
  for (const node of graph.nodes.toReversed()) {
    if (!needed.has(node.output)) continue;
    for (const input of node.inputs) needed.add(input);
  }
  return { ...graph, nodes: graph.nodes.filter((node) => needed.has(node.output)), output };
}
