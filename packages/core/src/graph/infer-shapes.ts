import { AlexNetError } from '../errors.ts';
import { ops } from '../ops/index.ts';
import type { OpDefinition } from '../ops/op-definition.ts';
import type { Shape } from '../tensor.ts';
import type { Graph, Node } from './graph.ts';

/**
 * The shape of every value of a graph: the input, the parameters and what each node makes, by name.
 *
 * @param batchSize - length of the leading axis of values; 1 unless given
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` naming the layer, what it expects and what it gets;
 *   `INVALID_GRAPH` for a node that reads a value that nothing before it makes.
 */
export function inferShapes(graph: Graph, batchSize = 1): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  shapes.set(graph.input.name, [batchSize, ...graph.input.shape]);
  for (const { name, shape } of graph.parameters) shapes.set(name, shape);
  for (const node of graph.nodes) {
    shapes.set(node.output, inferNodeShape(node, shapes));
  }
  return shapes;
}

/** Shapes of a node's operands, in their order. */
export function inputShapes(node: Node, shapes: ReadonlyMap<string, Shape>): readonly Shape[] {
  return node.inputs.map((input) => {
    const shape = shapes.get(input);
    if (!shape) {
      throw new AlexNetError('INVALID_GRAPH', {
        message: `${node.name} (${node.op}) reads "${input}", which no earlier node makes.`,
        hint: `Known here: ${[...shapes.keys()].slice(-8).join(', ')}. Nodes stand in the order in which they run.`,
        path: [node.name, input],
      });
    }
    return shape;
  });
}

function inferNodeShape(node: Node, shapes: ReadonlyMap<string, Shape>): Shape {
  return definitionOf(node).inferShape(node, inputShapes(node, shapes));
}

/** An op's definition, seen as one that takes any node: the table guarantees that they belong together. */
export function definitionOf(node: Node): OpDefinition<WidenedNode> {
  const definition: unknown = ops[node.op];
  return definition as OpDefinition<WidenedNode>;
}

/** A node whose number of operands is not known by type. */
type WidenedNode = Pick<Node, 'op' | 'name' | 'attributes'> & {
  readonly inputs: readonly string[];
};
