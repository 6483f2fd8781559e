import { AlexNetError } from './errors.ts';
import type { Graph } from './graph.ts';
import { inferShapes } from './infer-shapes.ts';

/**
 * Checks that a graph can run: names are unique, every operand exists before it is read, shapes fit.
 *
 * @throws {@link AlexNetError} `INVALID_GRAPH` or `SHAPE_MISMATCH`, naming the node
 */
export function checkGraph(graph: Graph): void {
  const fail = (message: string, hint: string, path: readonly string[]): never => {
    throw new AlexNetError('INVALID_GRAPH', { message, hint, path });
  };
  const made = new Set([graph.input.name]);
  for (const { name } of graph.parameters) {
    if (made.has(name)) fail(`Two values are called "${name}".`, 'Rename one of them.', [name]);
    made.add(name);
  }
  const laterOutputs = new Set(graph.nodes.map((node) => node.output));
  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (names.has(node.name)) {
      fail(`Two nodes are called "${node.name}".`, 'Rename one of them.', [node.name]);
    }
    names.add(node.name);
    for (const input of node.inputs) {
      if (made.has(input)) continue;
      fail(
        laterOutputs.has(input)
          ? `${node.name} reads "${input}" before it is made: a cycle, or nodes out of order.`
          : `${node.name} reads "${input}", which does not exist.`,
        'Nodes stand in the order in which they run; inputs are names of values or parameters.',
        [node.name, input],
      );
    }
    if (made.has(node.output)) {
      fail(`Two values are called "${node.output}".`, 'Rename one of them.', [node.name]);
    }
    made.add(node.output);
  }
  if (!made.has(graph.output) || !laterOutputs.has(graph.output)) {
    fail(
      `The graph's output "${graph.output}" is made by no node.`,
      `Last value made: "${graph.nodes.at(-1)?.output ?? 'none'}".`,
      [graph.output],
    );
  }
  inferShapes(graph);
}

/**
 * Number of classes: the width of the output.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the output is not [N, classes]
 */
export function countClasses(graph: Graph): number {
  const shape = inferShapes(graph).get(graph.output) ?? [];
  const [, classes] = shape;
  if (shape.length !== 2 || classes === undefined) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `The output "${graph.output}" of ${graph.name} is [${shape.join(', ')}], not [N, classes].`,
      hint: 'A classifier ends with a Gemm, or with a Softmax after it.',
      path: [graph.output],
    });
  }
  return classes;
}
