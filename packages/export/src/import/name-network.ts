import {
  AlexNetError,
  type Graph,
  type Node,
  type Parameter,
  type Preprocessing,
  recognizePreset,
  type Tensor,
  type Weights,
} from '@alexnet/core';
import { type Constant, tensorOf } from './constant.ts';
import type { Draft, DraftNode } from './draft.ts';
import { nameLayers } from './name-layers.ts';

export interface NamingOptions {
  /** Of the graph in the file. */
  readonly name: string;
  /** The value that the network is for. */
  readonly output: string;
  /** Whether the names are ours already. */
  readonly isOwn: boolean;
  /** Where the file's weights stand in its order. */
  readonly places: ReadonlyMap<string, number>;
}

export interface NamedNetwork {
  readonly graph: Graph;
  readonly weights: Weights;
  /** Id of the preset that the network turns out to be, and what that expects pictures to be turned into. */
  readonly preset?: string;
  readonly preprocessing?: Preprocessing;
  /** Whether that preset has dropouts and the file has none: exporters leave them out. */
  readonly lacksDropout?: boolean;
}

/** Names of what a node reads behind its first operand, where the file's are not kept. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  BatchNormalization: ['scale', 'bias', 'mean', 'variance'],
};
const LEARNED: readonly string[] = ['weight', 'bias'];

/**
 * The network that a value is made by, its layers and weights under names that mean the same everywhere: those of
 * the preset that it is, or of an AlexNet's layers, or the file's.
 *
 * @throws AlexNetError `UNSUPPORTED` for weights that are no floats
 */
export function nameNetwork(draft: Draft, options: NamingOptions): NamedNetwork {
  const drafts = draft.nodesFor(options.output);
  if (options.isOwn) return keepNames(draft, drafts, options);
  const layers = nameLayers(drafts);
  const network = build(draft, drafts, { ...options, layers });
  const recognized = recognizePreset(network.graph);
  if (!recognized) return network;
  const taken = new Set(recognized.layers.values());
  const renamed = layers.map((layer) => {
    const known = recognized.layers.get(layer);
    if (known !== undefined) return known;
    let free = layer;
    while (taken.has(free)) free = `${free}_`;
    taken.add(free);
    return free;
  });
  const { preset, network: published } = recognized;
  const { name } = published.graph;
  const { graph, weights } = build(draft, drafts, { ...options, name, layers: renamed });
  const initializers = new Map(published.graph.parameters.map((p) => [p.name, p.initializer]));
  const parameters = graph.parameters.map((parameter): Parameter => {
    const initializer = initializers.get(parameter.name) ?? parameter.initializer;
    return { ...parameter, initializer };
  });
  return {
    graph: { ...graph, parameters },
    weights,
    preset,
    preprocessing: published.preprocessing,
    lacksDropout: hasDropout(published.graph) && !hasDropout(graph),
  };
}

function hasDropout({ nodes }: Graph): boolean {
  return nodes.some(({ op }) => op === 'Dropout');
}

/** What a value of a layer in halves is called where its name is that of an output in float32, or the other way round. */
const TYPE_ENDING = /\/float(?:16|32)$/;

/** A file of ours: everything under its own name, weights in the file's order. */
function keepNames(
  draft: Draft,
  drafts: readonly DraftNode[],
  { name, output, places }: NamingOptions,
): NamedNetwork {
  const collector = new Collector();
  const made = new Set(drafts.map(({ node }) => node.output));
  const untype = (value: string): string => {
    const base = value.replace(TYPE_ENDING, '');
    return made.has(value) && !made.has(base) ? base : value;
  };
  const nodes = drafts.map(({ node, operands }) => {
    const inputs = operands.map((operand, index) => {
      if (typeof operand === 'string') return untype(operand);
      return collector.add(operand.source ?? `${node.name}.${roleOf(node, index)}`, operand);
    });
    return { ...withInputs(node, inputs), output: untype(node.output) };
  });
  const placeOf = ({ name: weight }: Parameter) => places.get(weight) ?? places.size;
  const parameters = [...collector.parameters].sort((a, b) => placeOf(a) - placeOf(b));
  const graph: Graph = { name, input: draft.input, parameters, nodes, output: untype(output) };
  return { graph, weights: collector.weightsOf(parameters) };
}

interface BuildOptions extends NamingOptions {
  /** A name for each node. */
  readonly layers: readonly string[];
}

function build(
  draft: Draft,
  drafts: readonly DraftNode[],
  { name, output, layers }: BuildOptions,
): NamedNetwork {
  const collector = new Collector();
  const last = drafts.at(-1)?.node;
  const ending = last?.op === 'Softmax' ? 'probabilities' : 'logits';
  const values = new Map([[draft.input.name, INPUT]]);
  for (const [index, { node }] of drafts.entries()) {
    values.set(node.output, node.output === output ? ending : (layers[index] ?? node.name));
  }
  const nodes = drafts.map(({ node, operands }, index) => {
    const layer = layers[index] ?? node.name;
    const inputs = operands.map((operand, place) =>
      typeof operand === 'string'
        ? (values.get(operand) ?? operand)
        : collector.add(`${layer}.${roleOf(node, place)}`, operand),
    );
    return { ...withInputs(node, inputs), name: layer, output: values.get(node.output) ?? layer };
  });
  const { parameters } = collector;
  const graph: Graph = {
    name: name === '' ? 'imported' : name,
    input: { name: INPUT, shape: draft.input.shape },
    parameters,
    nodes,
    output: ending,
  };
  return { graph, weights: collector.weightsOf(parameters) };
}

/** Name of the input in every network here. */
const INPUT = 'image';

function roleOf({ op }: Node, index: number): string {
  return (ROLES[op] ?? LEARNED)[index - 1] ?? String(index);
}

/** As many as the node had. */
function withInputs<N extends Node>(node: N, inputs: readonly string[]): N {
  return { ...node, inputs };
}

/** Weights by name. */
class Collector {
  readonly parameters: Parameter[] = [];
  private readonly tensors = new Map<string, Tensor>();

  add(name: string, constant: Constant): string {
    const tensor = tensorOf(constant);
    if (!tensor) {
      throw new AlexNetError('UNSUPPORTED', {
        message: `${name} is made of integers, but weights are floats.`,
        hint: 'Export the network in float32.',
        path: [name],
      });
    }
    const known = this.tensors.get(name);
    if (known?.data === tensor.data) return name;
    if (known) return this.add(`${name}_`, constant);
    this.tensors.set(name, tensor);
    const initializer = { kind: 'constant', value: 0 } as const;
    this.parameters.push({ name, shape: tensor.shape, initializer });
    return name;
  }

  weightsOf(parameters: readonly Parameter[]): Weights {
    return new Map(
      parameters.flatMap(({ name }) => {
        const tensor = this.tensors.get(name);
        return tensor ? [[name, tensor] as const] : [];
      }),
    );
  }
}
