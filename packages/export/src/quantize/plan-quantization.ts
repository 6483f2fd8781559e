import { PREPROCESSED } from '../embed/preprocessing-scope.ts';
import type { GraphProto, NodeProto } from '../proto/messages.ts';

/** Operators that give some of the numbers that they are given: theirs have the same steps. */
const KEEPS_STEPS: ReadonlySet<string> = new Set(['MaxPool', 'Flatten', 'Dropout', 'Identity']);
/** Operators that runtimes compute in integers between steps of their own. */
const INTEGER: ReadonlySet<string> = new Set(['AveragePool']);

/**
 * Which values of a graph are rounded to 8 bits: what the layers read, and what they give, behind their ReLU where
 * they have one, so that a runtime computes all of it in integers.
 *
 * @param layers - names of the convolutions and fully connected layers that are to compute in integers
 * @returns for each value the one whose range it is rounded by
 */
export function planQuantization(
  graph: GraphProto,
  layers: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const owners = new Map<string, string>();
  const round = (value: string): string => {
    const known = owners.get(value);
    if (known !== undefined) return known;
    // What a file makes of its pictures itself is the network's input, however it is made.
    const maker = value === PREPROCESSED ? undefined : makers.get(value);
    const [source] = maker?.input ?? [];
    const isReader = source !== undefined && maker !== undefined;
    if (isReader && INTEGER.has(maker.opType)) round(source);
    const owner = isReader && KEEPS_STEPS.has(maker.opType) ? round(source) : value;
    owners.set(value, owner);
    return owner;
  };
  for (const node of graph.node) {
    if (!layers.has(node.name ?? '')) continue;
    round(node.input[0] ?? '');
    const end = findEnd(graph, node);
    if (end !== undefined && !outputs.has(end)) round(end);
  }
  return owners;
}

/** What a layer gives, behind the ReLU that alone reads it; undefined where nothing reads it. */
function findEnd(
  { node: nodes }: GraphProto,
  { output: [output = ''] }: NodeProto,
): string | undefined {
  const readers = nodes.filter(({ input }) => input.includes(output));
  const [only, ...more] = readers;
  if (!only) return undefined;
  return only.opType === 'Relu' && more.length === 0 ? only.output[0] : output;
}
