import {
  AlexNetError,
  checkLabels,
  countClasses,
  type ErrorCode,
  formatShape,
  type Graph,
  isAlexNetError,
  type Model,
  type Node,
  type Parameter,
  parseGraph,
} from '@alexnet/core';
import { checkNames } from './check-names.ts';
import { completeMetadata, parseMetadataProps } from './metadata.ts';
import { readOnnxNode } from './onnx-node.ts';
import { isOpName, translations } from './ops/index.ts';
import { decodeModel } from './proto/codec.ts';
import type { GraphProto, ModelProto, NodeProto } from './proto/messages.ts';
import {
  describeValue,
  findOpset,
  findRunInputs,
  type ValueDescription,
} from './value-description.ts';
import { WeightReader } from './weight-reader.ts';

/** From here on, the operators that we write mean what they mean today. */
const OLDEST_OPSET = 13;

/**
 * Reads a model that {@link exportOnnx} wrote: graph, weights, metadata.
 *
 * Weights are views of `bytes` where their place in the file is a multiple of four, copies elsewhere. An
 * ONNX file does not say how its weights were drawn at first: every parameter's `initializer` is the
 * constant 0. To initialise anew, take the graph of `createNetwork(metadata.preset)`.
 *
 * @throws AlexNetError `INVALID_MODEL` for bytes or a graph that are damaged; `UNSUPPORTED`, naming node
 *   or weight, for what the IR cannot hold.
 */
export function importOnnx(bytes: Uint8Array): Model {
  const model = decodeModel(bytes);
  checkOpset(model);
  checkNames(model.graph);
  const reader = new WeightReader(model.graph.initializer);
  const nodes = model.graph.node.map((node) => readNode(node, reader));
  const operands = new Set<string>(nodes.flatMap(({ inputs }) => [...inputs]));
  const weights = reader.readWeights((name) => operands.has(name));
  const parameters = [...weights].map(
    ([name, { shape }]): Parameter => ({
      name,
      shape,
      initializer: { kind: 'constant', value: 0 },
    }),
  );
  const graph: Graph = {
    name: model.graph.name ?? '',
    input: readInput(model.graph),
    parameters,
    nodes,
    output: readOutput(model.graph).name,
  };
  const metadata = completeMetadata(parseMetadataProps(model.metadataProps));
  return blameFile(() => {
    const checked = parseGraph(graph);
    checkDeclaredOutput(checked, readOutput(model.graph));
    checkLabels(metadata.labels, countClasses(checked));
    return { graph: checked, weights, metadata };
  });
}

function checkOpset(model: ModelProto): void {
  const opset = findOpset(model.opsetImport);
  if (opset >= OLDEST_OPSET) return;
  throw new AlexNetError('UNSUPPORTED', {
    message: `The model uses operator set ${opset}, but the oldest that is read is ${OLDEST_OPSET}.`,
    hint: 'Convert it with onnx.version_converter.convert_version(model, 20).',
    path: ['opset_import'],
  });
}

function readNode(node: NodeProto, weights: WeightReader): Node {
  const label = `${node.name || node.output[0] || 'A node'} (${node.opType})`;
  const isOwnDomain = node.domain === undefined || node.domain === '' || node.domain === 'ai.onnx';
  if (!isOwnDomain || !isOpName(node.opType)) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${label}: there is no such operator${isOwnDomain ? '' : ` of ${node.domain}`} in a network of ours.`,
      hint: `Operators: ${Object.keys(translations).join(', ')}.`,
      path: [node.name ?? ''],
    });
  }
  const taken = node.output.find((output) => weights.has(output));
  if (taken !== undefined) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${label} makes "${taken}", which is a weight as well.`,
      hint: 'The file is damaged, or made to be read in two ways.',
      path: [node.name ?? '', taken],
    });
  }
  const onnxNode = readOnnxNode(node, weights);
  const read = translations[node.opType].fromOnnx(onnxNode);
  onnxNode.checkAllRead();
  return read;
}

function readInput(graph: GraphProto): Graph['input'] {
  const inputs = findRunInputs(graph).map(describeValue);
  const [input, ...others] = inputs;
  const [batch, ...shape] = input?.shape ?? [];
  const lengths = shape.filter((length) => typeof length === 'number');
  const isPicture = batch !== undefined && shape.length === 3 && lengths.length === 3;
  if (input && others.length === 0 && isPicture && input.dtype === 'float32') {
    return { name: input.name, shape: lengths };
  }
  throw new AlexNetError('UNSUPPORTED', {
    message: `The model's inputs are ${describeValues(inputs)}, not one picture float32 [N, C, H, W].`,
    hint: 'This reads networks that were exported with @alexnet/export.',
    path: inputs.map(({ name }) => name),
  });
}

function readOutput(graph: GraphProto): ValueDescription {
  const outputs = graph.output.map(describeValue);
  const [output, ...others] = outputs;
  if (output && others.length === 0 && output.dtype === 'float32') return output;
  throw new AlexNetError('UNSUPPORTED', {
    message: `The model's outputs are ${describeValues(outputs)}, not one of float32 [N, classes].`,
    hint: 'This reads networks that were exported with @alexnet/export.',
    path: outputs.map(({ name }) => name),
  });
}

function checkDeclaredOutput(graph: Graph, { name, shape }: ValueDescription): void {
  const classes = countClasses(graph);
  if (shape === null || (shape.length === 2 && shape[1] === classes)) return;
  throw new AlexNetError('INVALID_MODEL', {
    message: `The file says that ${name} is ${formatShape(shape)}, but its nodes make [N, ${classes}].`,
    hint: 'The file is damaged. Export the model again.',
    path: [name],
  });
}

function describeValues(values: readonly ValueDescription[]): string {
  if (values.length === 0) return 'none';
  return values
    .map(({ name, dtype, shape }) => `${name} ${dtype} ${shape ? formatShape(shape) : ''}`.trim())
    .join(', ');
}

/** What core finds wrong with a graph is here a fault of the file. */
function blameFile<T>(body: () => T): T {
  const codes: readonly ErrorCode[] = ['INVALID_GRAPH', 'SHAPE_MISMATCH', 'INVALID_ARGUMENT'];
  try {
    return body();
  } catch (cause) {
    if (!isAlexNetError(cause) || !codes.includes(cause.code)) throw cause;
    const { message, hint, path } = cause;
    throw new AlexNetError('INVALID_MODEL', {
      message: `The model does not fit together: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      path,
      cause,
    });
  }
}
