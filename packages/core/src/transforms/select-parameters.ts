import { AlexNetError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { createNameTest } from './name-pattern.ts';

/**
 * Names of the parameters that patterns name: what freezing and fresh initialisation ask for.
 *
 * @param patterns - layers (`fc8`, `conv*`: all their parameters) or parameters (`conv1.bias`, `*.bias`)
 * @returns in the graph's order, each once
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a pattern that names nothing, listing the layers
 *
 * @example
 * selectParameters(createNetwork('mini').graph, ['conv1', 'fc8.bias'])
 * // ['conv1.weight', 'conv1.bias', 'fc8.bias']
 */
export function selectParameters(graph: Graph, patterns: readonly string[]): readonly string[] {
  const selected = new Set(patterns.flatMap((pattern) => selectByPattern(graph, pattern)));
  return graph.parameters.map(({ name }) => name).filter((name) => selected.has(name));
}

function selectByPattern(graph: Graph, pattern: string): readonly string[] {
  const isNamed = createNameTest(pattern);
  const layers = graph.nodes.filter((node) => isNamed(node.name));
  const read = new Set(layers.flatMap((node): readonly string[] => node.inputs));
  const found = graph.parameters
    .map(({ name }) => name)
    .filter((name) => read.has(name) || isNamed(name) || isNamed(layerOf(name)));
  if (found.length > 0) return found;
  const [layer] = layers;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: layer
      ? `${layer.name} (${layer.op}) has no parameters.`
      : `No layer is called "${pattern}".`,
    hint: `Layers: ${namesOfLayers(graph).join(', ')}; 'conv*' names all that start with conv, 'conv1.bias' one parameter.`,
    path: [pattern],
  });
}

/** `features.0` of `features.0.weight`: in other people's files nodes and parameters go by different names. */
function layerOf(parameter: string): string {
  return parameter.slice(0, Math.max(0, parameter.lastIndexOf('.')));
}

/** Layers that have parameters. */
function namesOfLayers(graph: Graph): readonly string[] {
  const known = new Set(graph.parameters.map(({ name }) => name));
  return graph.nodes
    .filter((node) => node.inputs.some((input) => known.has(input)))
    .map(({ name }) => name);
}
