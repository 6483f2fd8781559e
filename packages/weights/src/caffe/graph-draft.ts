import { type Graph, type Initializer, inferShapes, type Node, type Shape } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import { blameFile } from './blame-file.ts';
import type { CaffeLayer } from './caffe-layer.ts';

/** Where the numbers of a parameter are: an array of a .caffemodel by its name, or one number everywhere. */
export type ParameterSource = { readonly tensor: string } | { readonly fill: number };

export interface DraftParameter {
  readonly name: string;
  readonly shape: Shape;
  readonly source: ParameterSource;
  /** Unless the file says how it was drawn: He's for weights, zeros for biases. */
  readonly initializer?: Initializer;
}

/** A value of the network, by the name that it has in the graph. */
export interface DraftValue {
  readonly name: string;
  /** Without the batch. */
  readonly shape: Shape;
}

type NewNode<N extends Node = Node> = N extends Node
  ? Pick<N, 'op' | 'attributes'> & { readonly name: string }
  : never;

/** A graph that grows layer by layer. */
export interface GraphDraft {
  readonly input: DraftValue;
  readonly nodes: readonly Node[];
  readonly parameters: ReadonlyMap<string, DraftParameter>;
  /**
   * Adds a node that reads `input`, and its parameters behind it.
   *
   * @throws AlexNetError `INVALID_MODEL` naming the layer, where shapes do not fit
   */
  add(node: NewNode, input: DraftValue, parameters?: readonly DraftParameter[]): DraftValue;
  /** Another source for a parameter that is there already. */
  replaceSource(parameter: string, source: ParameterSource): void;
  /** A name for a node, of the letters that names of layers have here, that no other has. */
  nameNode(wanted: string): string;
}

export function createGraphDraft(input: DraftValue): GraphDraft {
  const nodes: Node[] = [];
  const parameters = new Map<string, DraftParameter>();
  /** How often each name was wanted; those with a number behind them are names as well. */
  const taken = new Map([[input.name, 1]]);
  return {
    input,
    nodes,
    parameters,
    add(added, from, learned = []) {
      const { name } = added;
      const inputs = [from.name, ...learned.map((parameter) => parameter.name)];
      const made: unknown = { ...added, inputs, output: name };
      // How many parameters an op has is the translations' matter; parseGraph checks it at the end.
      const node = made as Node;
      const shape = inferShape(node, from, learned);
      nodes.push(node);
      for (const parameter of learned) parameters.set(parameter.name, parameter);
      return { name, shape };
    },
    replaceSource(name, source) {
      const parameter = parameters.get(name);
      if (parameter) parameters.set(name, { ...parameter, source });
    },
    nameNode(wanted) {
      const clean = wanted.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '') || 'layer';
      let name = clean;
      let count = taken.get(clean) ?? 0;
      for (; taken.has(name); count++) name = `${clean}_${count + 1}`;
      taken.set(clean, Math.max(count, 1));
      taken.set(name, Math.max(taken.get(name) ?? 0, 1));
      return name;
    },
  };
}

/** Of what a node makes, without the batch. */
function inferShape(node: Node, from: DraftValue, learned: readonly DraftParameter[]): Shape {
  const initializer: Initializer = { kind: 'constant', value: 0 };
  const graph: Graph = {
    name: 'layer',
    input: from,
    parameters: learned.map(({ name, shape }) => ({ name, shape, initializer })),
    nodes: [node],
    output: node.output,
  };
  return blameFile(() => inferShapes(graph).get(node.output)?.slice(1) ?? []);
}

/** `"conv1" (Convolution)` */
export function describeLayer({ name, type }: Pick<CaffeLayer, 'name' | 'type'>): string {
  return `${quoteName(name)} (${type.length > 40 ? quoteName(type) : type})`;
}
