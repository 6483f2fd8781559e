import {
  AlexNetError,
  formatShape,
  type Graph,
  parseGraph,
  type Shape,
  sizeOf,
  suggestName,
} from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import { blameFile } from './blame-file.ts';
import type { CaffeLayer } from './caffe-layer.ts';
import type { CaffeNet } from './caffe-net.ts';
import {
  createGraphDraft,
  type DraftValue,
  describeLayer,
  type GraphDraft,
  type ParameterSource,
} from './graph-draft.ts';
import { unsupported } from './layer-settings.ts';
import { TRANSLATIONS } from './layer-translations.ts';
import { type CaffeTransform, DATA_LAYERS, findInput } from './network-input.ts';
import { parsePrototxt } from './parse-prototxt.ts';

export interface CaffeGraphOptions {
  /** [C, H, W] of a picture, for networks that do not say, or to read them at another size. */
  readonly inputShape?: Shape;
  /** Which value to give out, for networks with several ends: the name of a `top`. */
  readonly output?: string;
}

/** A network of Caffe's in the terms of the IR. */
export interface CaffeNetwork {
  /**
   * Layers under Caffe's names, which in AlexNet are the paper's; the input is `image`, the output `logits`, or
   * `probabilities` behind a Softmax.
   */
  readonly graph: Graph;
  /** By the graph's parameter: where {@link readCaffemodel}'s tensors have its numbers. */
  readonly sources: ReadonlyMap<string, ParameterSource>;
  /** What a data layer says of the pictures' preparation; null where there is none. */
  readonly transform: CaffeTransform | null;
  /** What was left out, in sentences for people. */
  readonly notes: readonly string[];
}

/**
 * Reads a `deploy.prototxt` or `train_val.prototxt` as a graph.
 *
 * @throws as {@link parsePrototxt} and {@link caffeToGraph}
 *
 * @example
 * prototxtToGraph(text).graph.nodes.length // 23
 */
export function prototxtToGraph(text: string, options: CaffeGraphOptions = {}): CaffeNetwork {
  return caffeToGraph(parsePrototxt(text), options);
}

/** Layers that measure and judge in training, and give nothing to a trained network. */
const JUDGES = /^(?:Accuracy|Silence|HDF5Output|ArgMax|.*Loss)$/;
/** 2 GiB of float32, what one ONNX file holds. */
const MAX_WEIGHTS = 2 ** 29;

/**
 * Translates a network of Caffe's, of a prototxt or of a .caffemodel, which has its network with it.
 *
 * Caffe rounds the number of a pool's windows up, counts padding in means, divides alpha of an LRN by its window,
 * flattens before a fully connected layer, and works in place: all of that is written out.
 *
 * @throws AlexNetError `UNSUPPORTED` naming the layer that cannot be written, `INVALID_MODEL` naming the one that
 *   does not fit, `INVALID_ARGUMENT` for an output that is none
 */
export function caffeToGraph(net: CaffeNet, options: CaffeGraphOptions = {}): CaffeNetwork {
  checkNames(net);
  const picture = findInput(net, options.inputShape);
  const draft = createGraphDraft({ name: 'image', shape: picture.shape });
  const values = new Map<string, DraftValue>([[picture.name, draft.input]]);
  const labels = new Set<string>();
  const read = new Set<string>();
  const notes: string[] = [];
  for (const layer of net.layers) {
    if (DATA_LAYERS.has(layer.type) || isCopy(layer, labels)) {
      for (const top of layer.tops) if (!values.has(top)) labels.add(top);
      continue;
    }
    if (!layer.isForTest) continue;
    if (JUDGES.test(layer.type)) {
      notes.push(`${describeLayer(layer)} is for training and was left out.`);
      continue;
    }
    const value = translate(layer, values, draft);
    const input = values.get(layer.bottoms[0] ?? '');
    // A copy of a value, or a part of the node that made it, is no reader.
    if (input && input !== value) read.add(input.name);
    for (const top of layer.tops) values.set(top, value);
  }
  const output = toClasses(chooseOutput(draft, values, read, options.output), draft);
  const graph = finish(net, draft, output);
  const sources = new Map([...draft.parameters].map(([name, { source }]) => [name, source]));
  const { transform } = picture;
  if (transform?.meanFile) {
    notes.push(
      `Its pictures were less the mean image ${quoteName(transform.meanFile)}: --mean takes it.`,
    );
  }
  return { graph, sources, transform, notes };
}

/** Whether a layer only passes labels on: Caffe puts copies between a value and its readers. */
function isCopy({ type, bottoms }: CaffeLayer, labels: ReadonlySet<string>): boolean {
  return type === 'Split' && bottoms.every((bottom) => labels.has(bottom));
}

/** Layers with weights need names of their own: nothing else says whose the weights are. */
function checkNames({ layers }: CaffeNet): void {
  const seen = new Set<string>();
  for (const { name, type, isForTest } of layers) {
    if (!isForTest || !['Convolution', 'InnerProduct', 'BatchNorm', 'Scale'].includes(type))
      continue;
    if (seen.has(name)) {
      throw new AlexNetError('INVALID_MODEL', {
        message: `Two layers with weights are called ${quoteName(name)}.`,
        hint: 'Rename one of them.',
        path: [name],
      });
    }
    seen.add(name);
  }
}

function translate(
  layer: CaffeLayer,
  values: ReadonlyMap<string, DraftValue>,
  draft: GraphDraft,
): DraftValue {
  const [bottom, ...more] = layer.bottoms;
  const input = values.get(bottom ?? '');
  if (bottom === undefined || !input) {
    throw new AlexNetError('INVALID_MODEL', {
      message:
        bottom === undefined
          ? `${describeLayer(layer)} reads nothing.`
          : `${describeLayer(layer)} reads ${quoteName(bottom)}, which no layer before it makes.${suggestName(bottom, [...values.keys()])}`,
      hint: `Known here: ${[...values.keys()].slice(-8).map(quoteName).join(', ')}.`,
      path: [layer.name],
    });
  }
  if (layer.type === 'Split') return input;
  const translation = TRANSLATIONS.get(layer.type);
  if (!translation) {
    throw unsupported(
      layer,
      'is of a type that is not known here',
      `Known: ${[...TRANSLATIONS.keys()].join(', ')}.`,
    );
  }
  if (more.length > 0) throw unsupported(layer, `reads ${layer.bottoms.length} values`);
  if (layer.tops.length !== 1) throw unsupported(layer, `makes ${layer.tops.length} values`);
  return translation(layer, input, draft);
}

function chooseOutput(
  draft: GraphDraft,
  values: ReadonlyMap<string, DraftValue>,
  read: ReadonlySet<string>,
  wanted: string | undefined,
): DraftValue {
  if (wanted !== undefined) {
    const value = values.get(wanted);
    if (value && value !== draft.input) return value;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The Caffe network makes no ${quoteName(wanted)}.${suggestName(wanted, [...values.keys()])}`,
      hint: `Its values: ${[...values.keys()].map(quoteName).join(', ')}.`,
      path: [wanted],
    });
  }
  const ends = [...values].filter(([, { name }]) => name !== draft.input.name && !read.has(name));
  const [first] = ends;
  const isOne = ends.every(([, { name }]) => name === first?.[1].name);
  if (first && isOne) return first[1];
  throw new AlexNetError('UNSUPPORTED', {
    message: `The Caffe network has ${ends.length} ends: ${ends.map(([top]) => quoteName(top)).join(', ') || 'it has no layers that compute'}.`,
    hint: 'A network here has one. Say which with the option "output".',
    path: ends.map(([top]) => top),
  });
}

/** [classes]; fully convolutional networks end with [classes, 1, 1]. */
function toClasses(value: DraftValue, draft: GraphDraft): DraftValue {
  if (value.shape.length === 1) return value;
  const [, H, W] = value.shape;
  if (H === 1 && W === 1) {
    return draft.add({ op: 'Flatten', name: draft.nameNode('flatten'), attributes: {} }, value);
  }
  throw new AlexNetError('UNSUPPORTED', {
    message: `The Caffe network ends with ${quoteName(value.name)} of shape ${formatShape(['N', ...value.shape])}, not [N, classes].`,
    hint: 'Say which value to give out with the option "output".',
    path: [value.name],
  });
}

/** The graph of what the output needs, checked as a whole. */
function finish(net: CaffeNet, draft: GraphDraft, output: DraftValue): Graph {
  const needed = new Set([output.name]);
  for (const node of [...draft.nodes].reverse()) {
    if (needed.has(node.output)) for (const name of node.inputs) needed.add(name);
  }
  const nodes = draft.nodes.filter(({ output: made }) => needed.has(made));
  const parameters = [...draft.parameters.values()].filter(({ name }) => needed.has(name));
  const weights = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (weights > MAX_WEIGHTS) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The Caffe network has ${weights} weights; ${MAX_WEIGHTS} (2 GiB) are the limit.`,
      hint: 'Is there a digit too many in a num_output?',
    });
  }
  const last = nodes.find(({ output: made }) => made === output.name);
  const ending = last?.op === 'Softmax' ? 'probabilities' : 'logits';
  const rename = (name: string) => (name === output.name ? ending : name);
  const graph = {
    name: net.name.replace(/[^A-Za-z0-9_-]+/g, '_') || 'caffe',
    input: draft.input,
    parameters: parameters.map(({ name, shape, initializer }) => ({ name, shape, initializer })),
    nodes: nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      output: rename(node.output),
    })),
    output: ending,
  };
  return blameFile(() => parseGraph(graph, 'INVALID_MODEL'));
}
