import { AlexNetError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { cutAt } from './cut-at.ts';
import { dropUnread } from './rewire.ts';
import type { WeightedGraph } from './weighted-graph.ts';

/**
 * The part of a network behind one of its values: a head that is given features. It and `cutAt` of the same
 * value are the whole network.
 *
 * @param value - name of a value or of the layer that makes it: `pool5`, `flatten`
 * @returns a network whose input is that value, of its name and shape
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` listing the values that exist, or if a layer behind the value
 *   also reads another one before it
 */
export function cutFrom(model: WeightedGraph, value: string): WeightedGraph {
  const { graph, weights } = model;
  const before = cutAt(model, value).graph;
  const known = new Set(before.nodes.map(({ name }) => name));
  const shape = inferShapes(graph).get(before.output) ?? [];
  const nodes = graph.nodes.filter(({ name }) => !known.has(name));
  const readable = new Set([
    before.output,
    ...graph.parameters.map(({ name }) => name),
    ...nodes.map(({ output }) => output),
  ]);
  for (const node of nodes) {
    const other = node.inputs.find((input) => !readable.has(input));
    if (other !== undefined) {
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `${graph.name} cannot be cut at ${before.output}: ${node.name} reads ${other} as well.`,
        hint: 'Cut where one value holds all that the layers behind it read.',
        path: [node.name, other],
      });
    }
  }
  const head: Graph = { ...graph, input: { name: before.output, shape: shape.slice(1) }, nodes };
  return dropUnread(
    { graph: head, weights },
    graph.parameters.map(({ name }) => name),
  );
}
