import { AlexNetError } from '../errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Shape } from '../tensor.ts';
import type { WeightedGraph } from './weighted-graph.ts';

/**
 * Takes a node out: what read its output reads its first input. The network's output keeps its name: the
 * layer that makes it now takes the name over.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if no layer would be left to make the output
 */
export function removeNode(graph: Graph, node: Node): Graph {
  const nodes = graph.nodes.filter((other) => other !== node);
  const before = node.inputs[0];
  if (node.output !== graph.output) {
    const rename = (value: string) => (value === node.output ? before : value);
    return { ...graph, nodes: nodes.map((other) => renameInputs(other, rename)) };
  }
  if (!nodes.some((other) => other.output === before)) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${node.name} (${node.op}) is the only layer between "${before}" and the output of ${graph.name}: without it nothing is left.`,
      hint: 'A network needs at least one other layer.',
      path: [node.name],
    });
  }
  const rename = (value: string) => (value === before ? node.output : value);
  return {
    ...graph,
    nodes: nodes.map((other) => ({
      ...renameInputs(other, rename),
      output: rename(other.output),
    })),
  };
}

function renameInputs<N extends Node>(node: N, rename: (value: string) => string): N {
  return { ...node, inputs: node.inputs.map(rename) };
}

/** Drops those of these parameters that no node reads any more, and their arrays. */
export function dropUnread<M extends WeightedGraph>(model: M, names: readonly string[]): M {
  const { graph, weights } = model;
  const read = new Set(graph.nodes.flatMap((node): readonly string[] => node.inputs));
  const dropped = new Set(names.filter((name) => !read.has(name)));
  if (dropped.size === 0) return model;
  return {
    ...model,
    graph: { ...graph, parameters: graph.parameters.filter(({ name }) => !dropped.has(name)) },
    weights: new Map([...weights].filter(([name]) => !dropped.has(name))),
  };
}

/** Gives parameters other shapes, by name. */
export function withShapes(graph: Graph, shapes: ReadonlyMap<string, Shape>): Graph {
  return {
    ...graph,
    parameters: graph.parameters.map((parameter) => ({
      ...parameter,
      shape: shapes.get(parameter.name) ?? parameter.shape,
    })),
  };
}

/**
 * Another node that reads one of a node's parameters: to change them would change that node, too.
 *
 * @returns `conv2 shares conv1.weight with it`, or `undefined` where the node has them for itself
 */
export function findSharing(graph: Graph, node: Node): string | undefined {
  const [, ...parameters] = node.inputs;
  for (const other of graph.nodes) {
    if (other === node) continue;
    const shared = parameters.find((name) => other.inputs.some((input) => input === name));
    if (shared !== undefined) return `${other.name} shares ${shared} with it`;
  }
  const known = new Set(graph.parameters.map(({ name }) => name));
  const computed = parameters.find((name) => !known.has(name));
  return computed === undefined ? undefined : `its operand "${computed}" is no parameter`;
}

/** @throws {@link AlexNetError} `UNSUPPORTED` if another node reads one of the node's parameters */
export function requireOwnParameters(graph: Graph, node: Node): void {
  const sharing = findSharing(graph, node);
  if (sharing === undefined) return;
  throw new AlexNetError('UNSUPPORTED', {
    message: `${node.name} cannot be changed alone: ${sharing}.`,
    hint: 'Give each layer parameters of its own.',
    path: [node.name],
  });
}
