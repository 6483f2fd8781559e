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
  type Weights,
} from '@alexnet/core';
import { createOnnxBuilder } from './builder.ts';
import { formatMetadata } from './metadata.ts';
import { translations } from './ops/index.ts';
import type { TranslationContext } from './ops/op-translation.ts';
import { encodeModel } from './proto/codec.ts';
import type { ModelProto } from './proto/messages.ts';

export interface ExportOptions {
  /** What the model gives, and the name of its output; `logits` by default. */
  readonly output?: 'logits' | 'probabilities';
}

/** Name of the input in every file that we write. */
const INPUT = 'image';

/** Name of the axis whose length is free. */
const BATCH = 'N';

/**
 * A model in ONNX: input `image` float32 [N, C, H, W], output `logits` or `probabilities` float32
 * [N, classes], N free; layers, values and weights under their own names; the metadata in
 * `metadata_props`. The weights are views of the model's.
 *
 * @throws AlexNetError `INVALID_GRAPH` or `SHAPE_MISMATCH` naming the layer, `INVALID_MODEL` naming a
 *   weight that is missing or too many, `INVALID_ARGUMENT` for labels or metadata that do not fit.
 */
export function toOnnx(model: Model, { output = 'logits' }: ExportOptions = {}): ModelProto {
  checkGraph(model.graph);
  const graph = renameEnds(endWith(model.graph, output), output);
  checkGraph(graph);
  checkWeights(graph, model.weights);
  const classes = countClasses(graph);
  checkLabels(model.metadata.labels, classes);

  const builder = createOnnxBuilder(graph.name);
  builder.input(graph.input.name, 'float32', [BATCH, ...graph.input.shape]);
  for (const { name } of graph.parameters) {
    const weight = model.weights.get(name);
    if (weight) builder.initializer(name, { dtype: 'float32', ...weight });
  }
  const shapes = inferShapes(graph);
  const shapeOf = (value: string) => shapes.get(value) ?? [];
  for (const node of graph.nodes) translate(node.op, node, { builder, shapeOf });
  builder.output(graph.output, 'float32', [BATCH, classes]);
  return builder.build({ metadata: formatMetadata(model.metadata) });
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

/** Puts a softmax at the end, or takes it away. */
function endWith(graph: Graph, output: 'logits' | 'probabilities'): Graph {
  const last = graph.nodes.find((node) => node.output === graph.output);
  const isSoftmax = last?.op === 'Softmax';
  if (isSoftmax && output === 'logits') {
    const nodes = graph.nodes.filter((node) => node !== last);
    return { ...graph, nodes, output: last.inputs[0] };
  }
  if (isSoftmax || output === 'logits') return graph;
  const softmax: NodeOf<'Softmax'> = {
    op: 'Softmax',
    name: output,
    inputs: [graph.output],
    output,
    attributes: {},
  };
  return { ...graph, nodes: [...graph.nodes, softmax], output };
}

/** Input and output have the same names in every file, whatever they are called in the graph. */
function renameEnds(graph: Graph, output: string): Graph {
  const inner = new Set(graph.nodes.map((node) => node.output));
  const rename = (value: string): string => {
    if (value === graph.input.name) return INPUT;
    if (value === graph.output) return output;
    // A value inside that has one of these names by chance makes room for the end that has it by right.
    return inner.has(value) && (value === INPUT || value === output) ? `${value}/inner` : value;
  };
  return {
    ...graph,
    input: { ...graph.input, name: INPUT },
    nodes: graph.nodes.map((node) => renameValues(node, rename)),
    output,
  };
}

function renameValues<N extends Node>(node: N, rename: (value: string) => string): N {
  return { ...node, inputs: node.inputs.map(rename), output: rename(node.output) };
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
