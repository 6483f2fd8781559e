import { AlexNetError, type Graph, type Node, type NodeOf, suggestName } from '@alexnet/core';

/** What a file gives; `both` has the two outputs `logits` and `probabilities`. */
export type OutputKind = 'logits' | 'probabilities' | 'both';

/** Name of the input in every file that we write. */
const INPUT = 'image';
const LOGITS = 'logits';
const PROBABILITIES = 'probabilities';

/** A graph whose input and outputs have the names that they have in a file. */
export interface EndedGraph {
  readonly graph: Graph;
  /** Names of the outputs for the classes, in their order. */
  readonly outputs: readonly string[];
}

/**
 * Puts a softmax at the end of a graph, or takes it away, and names its ends: they have the same names in every file,
 * whatever they are called in the graph.
 */
export function endGraph(graph: Graph, output: OutputKind): EndedGraph {
  const last = graph.nodes.find((node) => node.output === graph.output);
  const softmax = last?.op === 'Softmax' ? last : undefined;
  const scores = softmax ? softmax.inputs[0] : graph.output;
  const names = new Map([[graph.input.name, INPUT]]);
  if (output === 'logits') {
    names.set(scores, LOGITS);
    const nodes = graph.nodes.filter((node) => node !== softmax);
    return { graph: renameValues({ ...graph, nodes, output: scores }, names), outputs: [LOGITS] };
  }
  if (output === 'both') names.set(scores, LOGITS);
  const ending = softmax ?? makeSoftmax(graph, scores);
  names.set(ending.output, PROBABILITIES);
  const nodes = softmax ? graph.nodes : [...graph.nodes, ending];
  return {
    graph: renameValues({ ...graph, nodes, output: ending.output }, names),
    outputs: output === 'both' ? [LOGITS, PROBABILITIES] : [PROBABILITIES],
  };
}

/**
 * The values that layers give, by the layers' names, without those that are outputs already.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` for a name that no layer has, with the nearest and all that there are
 */
export function findFeatures(
  { graph, outputs }: EndedGraph,
  features: readonly string[],
): readonly string[] {
  const layers = graph.nodes.flatMap(({ output }) => (outputs.includes(output) ? [] : [output]));
  const known = new Set([...layers, ...outputs]);
  for (const feature of features) {
    if (known.has(feature)) continue;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${graph.name} has no layer "${feature}" whose values could be an output.${suggestName(feature, layers)}`,
      hint: `Layers: ${layers.join(', ')}; the last one is the output ${outputs.join(' and ')}.`,
      path: ['features', feature],
    });
  }
  const wanted = new Set(features);
  return layers.filter((layer) => wanted.has(layer));
}

function makeSoftmax({ nodes }: Graph, input: string): NodeOf<'Softmax'> {
  const taken = new Set(nodes.flatMap(({ name, output }) => [name, output]));
  let name = PROBABILITIES;
  for (let count = 1; taken.has(name); count += 1) name = `${PROBABILITIES}_${count}`;
  return { op: 'Softmax', name, inputs: [input], output: name, attributes: {} };
}

function renameValues(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const ends = new Set(names.values());
  const rename = (value: string): string => {
    const end = names.get(value);
    if (end !== undefined) return end;
    // A value inside that has one of these names by chance makes room for the end that has it by right.
    return ends.has(value) ? `${value}/inner` : value;
  };
  return {
    ...graph,
    input: { ...graph.input, name: rename(graph.input.name) },
    nodes: graph.nodes.map((node) => renameNode(node, rename)),
    output: rename(graph.output),
  };
}

function renameNode<N extends Node>(node: N, rename: (value: string) => string): N {
  return { ...node, inputs: node.inputs.map(rename), output: rename(node.output) };
}
