import {
  AlexNetError,
  checkGraph,
  checkLabels,
  countClasses,
  formatShape,
  type Graph,
  inferShapes,
  isSameShape,
  type Model,
  type Node,
  type NodeOf,
  type OpName,
  type Preprocessing,
  suggestName,
  type Weights,
} from '@alexnet/core';
import { createOnnxBuilder, type OnnxBuilder } from './builder.ts';
import { addPreprocessing } from './embed/add-preprocessing.ts';
import { isPreprocessing, PREPROCESSED } from './embed/preprocessing-scope.ts';
import { type CompleteOptions, completeOptions, type ExportOptions } from './export-options.ts';
import { type EndedGraph, endGraph, findFeatures } from './graph-ends.ts';
import { toHalfPrecision } from './half-precision.ts';
import { formatMetadata } from './metadata.ts';
import { translations } from './ops/index.ts';
import type { TranslationContext } from './ops/op-translation.ts';
import { encodeModel } from './proto/codec.ts';
import type { ModelProto } from './proto/messages.ts';
import { planQuantization } from './quantize/plan-quantization.ts';
import { quantizeModel } from './quantize/quantize-graph.ts';
import type { Ranges } from './quantize/range.ts';
import { addWeight } from './stored-weight.ts';
import type { Dimension } from './value-info.ts';

/** Name of an axis whose length is free. */
const FREE_BATCH = 'N';

/**
 * A model in ONNX: input `image` float32 [N, C, H, W], output `logits` or `probabilities` float32
 * [N, classes], N free; layers, values and weights under their own names; the metadata in
 * `metadata_props`. Float32 weights are views of the model's.
 *
 * @throws AlexNetError `INVALID_GRAPH` or `SHAPE_MISMATCH` naming the layer, `INVALID_MODEL` naming a
 *   weight that is missing or too many, `INVALID_ARGUMENT` for options, labels or metadata that do not fit,
 *   `NUMERIC` naming a weight that its type cannot hold.
 */
export function toOnnx(model: Model, options: ExportOptions = {}): ModelProto {
  const complete = completeOptions(options);
  const { output, dtype, io, ranges } = complete;
  checkGraph(model.graph);
  const ended = endGraph(model.graph, output);
  const { graph } = ended;
  checkGraph(graph);
  checkWeights(graph, model.weights);
  checkLabels(model.metadata.labels, countClasses(graph));
  const proto = buildModel(model, ended, complete);
  if (dtype === 'float32') return proto;
  if (dtype === 'int8')
    return quantizeModel(proto, {
      layers: integerLayers(graph, complete),
      ranges: withPreprocessed(ranges, graph.input.name),
    });
  const isSquaring = createLayerTest(graph, FLOAT32_OPS);
  const keepsFloat32 = (name: string) => isPreprocessing(name) || isSquaring(name);
  return toHalfPrecision(proto, { io, keepsFloat32 });
}

/**
 * The values whose ranges an export with `dtype: 'int8'` has to know: `image`, the network's input, and layers, which
 * are to be had as `features` of a float32 export with the same options.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` for options that contradict each other
 */
export function listRangedValues(
  { graph, weights, metadata }: Model,
  options: ExportOptions = {},
): readonly string[] {
  const complete = completeOptions({ ...options, dtype: 'int8' });
  const ended = endGraph(graph, complete.output);
  const { graph: built } = buildModel({ graph, weights, metadata }, ended, complete);
  const owners = planQuantization(built, integerLayers(ended.graph, complete)).values();
  return [...new Set(owners)].map((value) =>
    value === PREPROCESSED ? ended.graph.input.name : value,
  );
}

/** The network's input has another name in a file that prepares its pictures itself. */
function withPreprocessed(ranges: Ranges, input: string): Ranges {
  const range = ranges.get(input);
  return range ? new Map([...ranges, [PREPROCESSED, range]]) : ranges;
}

/** Convolutions and fully connected layers but those that are to stay in float32. */
function integerLayers({ nodes }: Graph, { floatLayers }: CompleteOptions): ReadonlySet<string> {
  const layers = nodes.filter(({ op }) => op === 'Conv' || op === 'Gemm').map(({ name }) => name);
  const unknown = floatLayers.find((name) => !layers.includes(name));
  if (unknown === undefined) return new Set(layers.filter((name) => !floatLayers.includes(name)));
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `There is no convolution or fully connected layer "${unknown}" to stay in float32.${suggestName(unknown, layers)}`,
    hint: `Layers: ${layers.join(', ')}.`,
    path: ['floatLayers', unknown],
  });
}

/** What overflows in halves, whose largest number is 65504: sums of squares, variances of raw pictures, exponentials. */
const FLOAT32_OPS: readonly OpName[] = ['LRN', 'SpatialLRN', 'BatchNormalization', 'Softmax'];

/** Whether a node of a file is part of a layer of one of the ops: it has its name, or one inside it. */
function createLayerTest({ nodes }: Graph, ops: readonly OpName[]): (name: string) => boolean {
  const layers = nodes.filter(({ op }) => ops.includes(op)).map(({ name }) => name);
  return (name) => layers.some((layer) => name === layer || name.startsWith(`${layer}/`));
}

/** The model in float32, its weights kept as they are to be. */
function buildModel(
  { weights, metadata }: Model,
  ended: EndedGraph,
  options: CompleteOptions,
): ModelProto {
  const { graph } = ended;
  const { about, opset, irVersion, lrn, convolutions, dtype, embed } = options;
  const batch = options.batch === 'dynamic' ? FREE_BATCH : options.batch;
  const builder = createOnnxBuilder(about.name ?? graph.name);
  const entry = addInput(builder, graph, { batch, embed, preprocessing: metadata.preprocessing });
  for (const { name } of graph.parameters) {
    const weight = weights.get(name);
    const type = dtype === 'float32' ? options.weights : 'float32';
    if (weight) addWeight(builder, name, { weight, type });
  }
  const shapes = new Map(inferShapes(graph));
  shapes.set(entry.value, [1, ...graph.input.shape]);
  const shapeOf = (value: string) => shapes.get(value) ?? [];
  const context = { builder, shapeOf, lrn, convolutions };
  for (const node of entry.nodes) translate(node.op, node, context);
  for (const name of [...ended.outputs, ...findFeatures(ended, options.features)]) {
    builder.output(name, 'float32', [batch, ...shapeOf(name).slice(1)]);
  }
  const precision = { compute: dtype, weights: options.weights };
  const { version, description } = about;
  return builder.build({
    metadata: formatMetadata(metadata, { precision, about, embed }),
    opset,
    irVersion,
    ...(version === undefined ? {} : { modelVersion: version }),
    ...(description === undefined ? {} : { docString: description }),
  });
}

/** The file's input, what makes the network's of it, and the nodes that read that. */
function addInput(
  builder: OnnxBuilder,
  { input, nodes }: Graph,
  {
    batch,
    embed,
    preprocessing,
  }: Pick<CompleteOptions, 'embed'> & {
    readonly batch: Dimension;
    readonly preprocessing: Preprocessing;
  },
): { readonly value: string; readonly nodes: readonly Node[] } {
  const { name, shape } = input;
  if (embed === 'none') return { value: builder.input(name, 'float32', [batch, ...shape]), nodes };
  const value = addPreprocessing(builder, { input: name, shape, batch, embed, preprocessing });
  const readers = nodes.map((node) => readFrom(node, { [name]: value }));
  return { value, nodes: readers };
}

function readFrom<N extends Node>(node: N, names: Readonly<Record<string, string>>): N {
  return { ...node, inputs: node.inputs.map((input) => names[input] ?? input) };
}

/**
 * The bytes of a model's ONNX file; the same model gives the same bytes.
 *
 * @throws as {@link toOnnx}; `UNSUPPORTED` above 2 GiB
 *
 * @example
 * exportOnnx(createModel('mini')).length // 911925
 */
export function exportOnnx(model: Model, options: ExportOptions = {}): Uint8Array {
  return encodeModel(toOnnx(model, options));
}

function translate<Op extends OpName>(op: Op, node: NodeOf<Op>, context: TranslationContext): void {
  translations[op].toOnnx(node, context);
}

function checkWeights(graph: Graph, weights: Weights): void {
  const fail = (name: string, message: string): never => {
    throw new AlexNetError('INVALID_MODEL', {
      message,
      hint: `Are these the weights of ${graph.name}, with the same number of classes?`,
      path: [name],
    });
  };
  for (const { name, shape } of graph.parameters) {
    const weight = weights.get(name);
    if (!weight) fail(name, `The weight "${name}" ${formatShape(shape)} is missing.`);
    else if (!isSameShape(weight.shape, shape)) {
      fail(
        name,
        `${name} is ${formatShape(weight.shape)}, but the graph has ${formatShape(shape)}.`,
      );
    }
  }
  const known = new Set(graph.parameters.map(({ name }) => name));
  for (const name of weights.keys()) {
    if (!known.has(name)) fail(name, `The graph has no weight "${name}".`);
  }
}
