import { AlexNetError, isAlexNetError } from '../errors.ts';
import type { Network } from '../model/create-model.ts';
import { parsePreprocessing } from '../model/parse-metadata.ts';
import type { Preprocessing } from '../model/preprocessing.ts';
import { suggestName } from '../nearest-name.ts';
import { type JsonReader, readJson } from '../read-json.ts';
import { formatShape, type Shape, sizeOf } from '../tensor.ts';
import { checkOrder } from './check-graph.ts';
import type { Graph } from './graph.ts';
import { inferShapes } from './infer-shapes.ts';
import { readGraph } from './parse-graph.ts';

const CODE = 'INVALID_GRAPH';

/** Weights that a network may have: 2 GiB of float32, what one ONNX file holds. */
const MAX_WEIGHTS = 2 ** 29;

/** Fields of a network file and of its parts; anything else is a slip of the pen. */
const FIELDS = {
  network: ['$schema', 'name', 'input', 'preprocessing', 'parameters', 'nodes', 'output'],
  input: ['name', 'shape'],
  parameter: ['name', 'shape', 'initializer'],
  node: ['op', 'name', 'inputs', 'output', 'attributes'],
} as const;

/**
 * Reads a network of one's own: the JSON of a {@link Graph}, with its preprocessing beside the graph's fields.
 *
 * May be left out: a parameter's `initializer` (He's for weights, zeros for biases), the `attributes` of an op
 * that has none, and `preprocessing`: pictures are then cut to the input's size and standardised with
 * ImageNet's mean and standard deviation. A field that nobody knows is an error.
 *
 * @throws {@link AlexNetError} `INVALID_GRAPH` or `SHAPE_MISMATCH`, naming the node and its place in the JSON
 * @see `@alexnet/core/network.schema.json`
 *
 * @example
 * parseNetwork(JSON.parse(text)).graph.name // 'tiny'
 */
export function parseNetwork(value: unknown): Network {
  const json = readJson(value, { code: CODE, what: 'The network' });
  const graph = parseStrictGraph(json);
  const preprocessing = json.has('preprocessing')
    ? parsePreprocessing(json.field('preprocessing').value(), CODE)
    : defaultPreprocessing(graph);
  checkPreprocessing(preprocessing, graph);
  return { preset: null, graph, preprocessing };
}

/**
 * The graph of a network file alone, for those who feed it with nothing: the input need not be a picture.
 *
 * @throws as {@link parseNetwork}
 */
export function parseNetworkGraph(value: unknown): Graph {
  return parseStrictGraph(readJson(value, { code: CODE, what: 'The network' }));
}

function parseStrictGraph(json: JsonReader): Graph {
  checkFields(json, 'the network', FIELDS.network);
  checkFields(json.field('input'), 'the input', FIELDS.input);
  for (const parameter of json.field('parameters').items()) {
    checkFields(parameter, 'a parameter', FIELDS.parameter);
  }
  const nodes = json.field('nodes').items();
  for (const node of nodes) checkFields(node, 'a node', FIELDS.node);
  const graph = readGraph(json, CODE);
  for (const [index, { op, attributes }] of graph.nodes.entries()) {
    const node = nodes[index];
    // What was read holds every attribute that the op has.
    if (node?.has('attributes')) checkFields(node.field('attributes'), op, Object.keys(attributes));
  }
  checkNamed(graph);
  checkSize(graph);
  checkOrder(graph);
  checkShapes(graph);
  return graph;
}

function checkFields(json: JsonReader, owner: string, known: readonly string[]): void {
  const unknown = json.entries().find(([name]) => !known.includes(name));
  if (!unknown) return;
  const [name, { path }] = unknown;
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  throw new AlexNetError(CODE, {
    message: `The network: ${path.slice(0, -1).concat(shown).join('.')} is no field of ${owner}.${suggestName(name, known)}`,
    hint: known.length > 0 ? `Fields: ${known.join(', ')}.` : `${owner} has no attributes.`,
    path,
  });
}

/** Empty names would make weights and values that nobody can ask for. */
function checkNamed({ name: network, input, parameters, nodes }: Graph): void {
  const names: readonly (readonly [string, string])[] = [
    [network, 'name'],
    [input.name, 'input.name'],
    ...parameters.map(({ name }, index) => [name, `parameters.${index}.name`] as const),
    ...nodes.map(({ name }, index) => [name, `nodes.${index}.name`] as const),
    ...nodes.map(({ output }, index) => [output, `nodes.${index}.output`] as const),
  ];
  const empty = names.find(([name]) => name === '');
  if (!empty) return;
  throw new AlexNetError(CODE, {
    message: `The network: ${empty[1]} is empty.`,
    hint: 'Give it a name of its own, "conv1" for example.',
    path: empty[1].split('.'),
  });
}

function checkSize({ name, parameters }: Graph): void {
  const weights = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (weights <= MAX_WEIGHTS) return;
  throw new AlexNetError(CODE, {
    message: `${name} has ${weights} weights; ${MAX_WEIGHTS} (2 GiB) are the limit.`,
    hint: 'Is there a digit too many in a shape?',
    path: ['parameters'],
  });
}

function checkShapes(graph: Graph): void {
  try {
    inferShapes(graph);
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    const index = graph.nodes.findIndex(({ name }) => name === error.path[0]);
    if (index < 0) throw error;
    throw new AlexNetError(error.code, {
      message: `nodes.${index}: ${error.message}`,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      path: ['nodes', String(index), ...error.path],
      cause: error,
    });
  }
}

/** ImageNet's, of values between 0 and 1. */
const STANDARD = {
  RGB: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  grey: { mean: [0.449], std: [0.226] },
} as const;

/** Cut from the middle of the picture, its short side resized to fit; inputs of unit variance. */
function defaultPreprocessing({ input }: Graph): Preprocessing {
  const [channelCount, height = 0, width = 0] = input.shape;
  const channels = channelCount === 1 ? 'grey' : 'RGB';
  const interpolation = { filter: 'bilinear', antialias: true } as const;
  return {
    resize:
      height === width
        ? { mode: 'short-side', size: height, ...interpolation }
        : { mode: 'exact', height, width, ...interpolation },
    crop: { height, width },
    channels,
    scale: 1 / 255,
    ...STANDARD[channels],
  };
}

function checkPreprocessing(preprocessing: Preprocessing, { name, input }: Graph): void {
  const [channels, ...size] = input.shape;
  const isPicture = input.shape.length === 3 && (channels === 1 || channels === 3);
  if (!isPicture) {
    throw new AlexNetError(CODE, {
      message: `${name} takes ${formatShape(['N', ...input.shape])}, which is no picture (input.shape).`,
      hint: 'Pictures are [channels, height, width] with 1 channel (grey) or 3 (colour).',
      path: ['input', 'shape'],
    });
  }
  const made = producedShape(preprocessing);
  if (formatShape(made) === formatShape([channels, ...size].slice(0, made.length))) return;
  throw new AlexNetError('SHAPE_MISMATCH', {
    message: `${name} takes ${formatShape(input.shape)}, but its preprocessing makes ${formatShape(made)}.`,
    hint: 'Make "crop" (or "resize") and "channels" of "preprocessing" fit "shape" of "input".',
    path: ['preprocessing'],
  });
}

/** [C, H, W]; [C] alone where the size follows the picture. */
function producedShape({ resize, crop, channels }: Preprocessing): Shape {
  const size = crop ?? (resize.mode === 'exact' ? resize : null);
  const count = channels === 'grey' ? 1 : 3;
  return size ? [count, size.height, size.width] : [count];
}
