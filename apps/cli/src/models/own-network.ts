import {
  AlexNetError,
  countClasses,
  formatNetwork,
  type Graph,
  type InitScheme,
  initializeModel,
  type Model,
  type Network,
  nameFile,
  parseNetwork,
  parseNetworkGraph,
} from '@alexnet/core';
import { readFileBytes } from '@alexnet/export/node';
import { resolvePath } from '../terminal/resolve-path.ts';

const NETWORK_SUFFIX = '.json';

/** A network is a list of layers: a larger file is something else. */
const LIMIT_BYTES = 2 ** 26;

/** Whether an argument is the name of a network file. */
export function isNetworkFile(argument: string): boolean {
  return argument.toLowerCase().endsWith(NETWORK_SUFFIX);
}

/**
 * Reads a network of the user's own.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO`, `INVALID_GRAPH` or `SHAPE_MISMATCH`, naming the file and the
 *   place in it
 */
export function readNetwork(argument: string): Promise<Network> {
  return parseFile(argument, parseNetwork);
}

/** Reads a network's layers only: its input need not be a picture. @throws as {@link readNetwork} */
export function readNetworkGraph(argument: string): Promise<Graph> {
  return parseFile(argument, parseNetworkGraph);
}

/**
 * A network of the user's own with fresh weights. Its preprocessing stays as it is, whatever the initialisation:
 * the user has said it, or it is the default, which suits them all.
 *
 * @throws {@link AlexNetError} `CONFIG_MISMATCH` if it has another number of classes than there are labels
 */
export function initializeOwnNetwork(
  network: Network,
  { labels, ...options }: { labels?: readonly string[]; seed: number; init?: InitScheme },
): Model {
  if (labels) checkClasses(network.graph, labels);
  const model = initializeModel(network, { ...options, ...(labels ? { labels } : {}) });
  return { ...model, metadata: { ...model.metadata, preprocessing: network.preprocessing } };
}

/** Whether two networks are the same, to the last field. */
export function isSameNetwork(a: Network, b: Network): boolean {
  const [textA, textB] = [a, b].map((x) => formatNetwork(x.graph, x.preprocessing));
  return textA === textB;
}

function checkClasses(graph: Graph, labels: readonly string[]): void {
  const classes = countClasses(graph);
  if (classes === labels.length) return;
  const head = graph.nodes.findLast((node) => node.op === 'Gemm');
  const shapes = head?.inputs.slice(1).map((name) => {
    const shape = graph.parameters.find((parameter) => parameter.name === name)?.shape ?? [];
    return `the shape of "${name}" to [${[labels.length, ...shape.slice(1)].join(', ')}]`;
  });
  const shown = labels.length > 5 ? [...labels.slice(0, 5), '…'] : labels;
  throw new AlexNetError('CONFIG_MISMATCH', {
    message: `${graph.name} has ${classes} classes (${head?.name ?? graph.output}), but the pictures have ${labels.length}: ${shown.join(', ')}.`,
    hint: shapes
      ? `Change ${shapes.join(' and ')} in the network file.`
      : `Make its output [N, ${labels.length}] in the network file.`,
  });
}

async function parseFile<Value>(
  argument: string,
  parse: (value: unknown) => Value,
): Promise<Value> {
  const path = resolvePath(argument);
  const bytes = await readFileBytes(path, { limitBytes: LIMIT_BYTES });
  try {
    return parse(parseJson(bytes));
  } catch (error) {
    throw nameFile(error, path);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AlexNetError('INVALID_GRAPH', {
      message: `This is not JSON: ${reason}${findLine(text, reason)}.`,
      hint: 'A network file is described by the schema in @alexnet/core/network.schema.json; "alexnet inspect mini --graph" prints one.',
      cause,
    });
  }
}

/** Where Node says at which character it stopped: the line, which editors show. */
function findLine(text: string, reason: string): string {
  const position = /at position (\d+)/.exec(reason)?.[1];
  if (position === undefined || /line \d/.test(reason)) return '';
  return ` (line ${text.slice(0, Number(position)).split('\n').length})`;
}
