import { AlexNetError } from '../errors.ts';
import { suggestName } from '../nearest-name.ts';
import type { Graph, Node } from './graph.ts';
import { inferShapes } from './infer-shapes.ts';

/**
 * Checks that a graph can run: names are unique, every operand exists before it is read, shapes fit.
 *
 * Messages name places as paths of the graph's JSON: `nodes.4.inputs.0`.
 *
 * @throws {@link AlexNetError} `INVALID_GRAPH` or `SHAPE_MISMATCH`, naming the node
 */
export function checkGraph(graph: Graph): void {
  checkOrder(graph);
  inferShapes(graph);
}

/** What {@link checkGraph} checks beside the shapes. */
export function checkOrder(graph: Graph): void {
  checkNames(graph);
  checkOperands(graph);
  checkStatistics(graph);
  if (!graph.nodes.some(({ output }) => output === graph.output)) {
    const values = graph.nodes.map(({ output }) => output);
    throw invalidGraph(
      `The graph's output "${graph.output}" is made by no node.${suggestName(graph.output, values)}`,
      `Last value made: "${values.at(-1) ?? 'none'}".`,
      [graph.output],
    );
  }
}

/** Nodes have names of their own, and so have values, parameters and the input among each other. */
function checkNames({ input, parameters, nodes }: Graph): void {
  const check = (kind: string, named: readonly (readonly [name: string, place: string])[]) => {
    const places = new Map<string, string>();
    for (const [name, place] of named) {
      const other = places.get(name);
      if (other !== undefined) {
        const message = `Two ${kind} are called "${name}": ${other} and ${place}.`;
        throw invalidGraph(message, 'Rename one of them.', [name]);
      }
      places.set(name, place);
    }
  };
  check(
    'nodes',
    nodes.map(({ name }, index) => [name, `nodes.${index}`]),
  );
  check('values', [
    [input.name, 'input'],
    ...parameters.map(({ name }, index) => [name, `parameters.${index}`] as const),
    ...nodes.map(({ output }, index) => [output, `nodes.${index}.output`] as const),
  ]);
}

/** Every operand is there before it is read. */
function checkOperands({ input, parameters, nodes }: Graph): void {
  const made = new Set([input.name, ...parameters.map(({ name }) => name)]);
  for (const [index, node] of nodes.entries()) {
    for (const [operand, name] of node.inputs.entries()) {
      if (made.has(name)) continue;
      const place = `nodes.${index}.inputs.${operand}`;
      const maker = nodes.findIndex(({ output }) => output === name);
      const message =
        maker < 0
          ? `${node.name} reads "${name}", which does not exist (${place}).${suggestName(name, [...made])}`
          : `${node.name} reads "${name}" before it is made${describeOrder(nodes, index, maker)} (${place}).`;
      const hint =
        'Nodes stand in the order in which they run; inputs are names of values or parameters.';
      throw invalidGraph(message, hint, [node.name, name]);
    }
    made.add(node.output);
  }
}

/** Running statistics are parameters of their own: training writes them, and nothing else learns them. */
function checkStatistics({ parameters, nodes }: Graph): void {
  const names = new Set(parameters.map(({ name }) => name));
  const learned = new Map(
    nodes.flatMap(({ name, op, inputs }) =>
      inputs.slice(0, op === 'BatchNormalization' ? 3 : undefined).map((input) => [input, name]),
    ),
  );
  for (const { name, op, inputs } of nodes) {
    if (op !== 'BatchNormalization') continue;
    for (const statistic of [inputs[3], inputs[4]]) {
      const reader = learned.get(statistic);
      if (names.has(statistic) && reader === undefined) continue;
      throw invalidGraph(
        names.has(statistic)
          ? `${name} keeps its running statistics in "${statistic}", which ${reader} reads as well.`
          : `${name} keeps its running statistics in "${statistic}", which is no parameter.`,
        'Give the mean and the variance of a BatchNormalization a parameter each.',
        [name, statistic],
      );
    }
  }
}

/** Why the node at `reader` cannot read what the one at `maker` makes, which is not before it. */
function describeOrder(nodes: readonly Node[], reader: number, maker: number): string {
  const [first, last] = [nodes[reader], nodes[maker]];
  if (!first || !last) return '';
  const path = findPath(nodes, last, first)?.map(({ name }) => name);
  if (!path) return `: nodes out of order, ${last.name} (nodes.${maker}) stands behind it`;
  const cycle = [...path.reverse(), first.name];
  const shown = cycle.length > 8 ? [...cycle.slice(0, 4), '…', ...cycle.slice(-3)] : cycle;
  return `: a cycle, ${shown.join(' → ')}`;
}

/** The nodes from `from` up to `to`, each reading what the next one makes. */
function findPath(nodes: readonly Node[], from: Node, to: Node): readonly Node[] | null {
  const makers = new Map(nodes.map((node) => [node.output, node]));
  const readers = new Map<Node, Node | null>([[from, null]]);
  const pending = [from];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node === to) {
      const path: Node[] = [];
      for (let step: Node | null = node; step; step = readers.get(step) ?? null) path.push(step);
      return path.reverse();
    }
    for (const name of node.inputs) {
      const maker = makers.get(name);
      if (!maker || readers.has(maker)) continue;
      readers.set(maker, node);
      pending.push(maker);
    }
  }
  return null;
}

function invalidGraph(message: string, hint: string, path: readonly string[]): AlexNetError {
  return new AlexNetError('INVALID_GRAPH', { message, hint, path });
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
