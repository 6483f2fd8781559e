import { AlexNetError } from '../errors.ts';
import type { Graph, Node, NodeOf, OpName } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { formatShape, isSameShape, type Tensor } from '../tensor.ts';
import { adaptiveAveragePool } from './adaptive-average-pool.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { conv } from './conv.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import { type Float64Tensor, toFloat64 } from './float64-tensor.ts';
import { gemm } from './gemm.ts';
import type { InterpreterContext, InterpreterOp } from './interpreter-op.ts';
import { lrn } from './lrn.ts';
import { maxPool } from './max-pool.ts';
import { relu } from './relu.ts';
import { softmax } from './softmax.ts';
import { spatialLrn } from './spatial-lrn.ts';
import { tanh } from './tanh.ts';

type InterpreterTable = { readonly [Op in OpName]: InterpreterOp<NodeOf<Op>> };

const interpreters: InterpreterTable = {
  AdaptiveAveragePool: adaptiveAveragePool,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Conv: conv,
  Dropout: dropout,
  Flatten: flatten,
  Gemm: gemm,
  LRN: lrn,
  MaxPool: maxPool,
  Relu: relu,
  Softmax: softmax,
  SpatialLRN: spatialLrn,
  Tanh: tanh,
};

export interface InterpretOptions {
  /** Values to return beside the output, by name: `pool5`, `fc7`. */
  readonly taps?: readonly string[];
  /** Dropout masks by node name, 0 or 1 / (1 − ratio); without one, dropout passes its input on. */
  readonly masks?: ReadonlyMap<string, Tensor | Float64Tensor>;
}

/**
 * Runs a network in float64, slowly and by its definition: what every runtime is held against.
 *
 * @param input - [N, C, H, W], preprocessed
 * @returns the output and the taps, by name
 * @throws {@link AlexNetError} `SHAPE_MISMATCH`, `INVALID_ARGUMENT` for a tap that does not exist
 */
export function interpret(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor | Float64Tensor>,
  input: Tensor | Float64Tensor,
  { taps = [], masks = new Map() }: InterpretOptions = {},
): ReadonlyMap<string, Float64Tensor> {
  const [batchSize = 0, ...pictureShape] = input.shape;
  if (!isSameShape(pictureShape, graph.input.shape)) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `${graph.name} expects pictures of ${formatShape(['N', ...graph.input.shape])}, but got ${formatShape(input.shape)}.`,
      hint: 'Preprocess the picture as the model says.',
    });
  }
  const shapes = inferShapes(graph, batchSize);
  const values = new Map([[graph.input.name, toFloat64(input)]]);
  for (const { name, shape } of graph.parameters) {
    values.set(name, toFloat64(findWeight(weights, name, shape)));
  }
  for (const node of graph.nodes) {
    const mask = masks.get(node.name);
    const operands = node.inputs.map((name) => findValue(values, name));
    const context = {
      outputShape: shapes.get(node.output) ?? [],
      mask: mask ? toFloat64(mask) : undefined,
    };
    values.set(node.output, run(node, operands, context));
  }
  return new Map([graph.output, ...taps].map((name) => [name, findValue(values, name)]));
}

function run(
  node: Node,
  operands: readonly Float64Tensor[],
  context: InterpreterContext,
): Float64Tensor {
  // The table guarantees that the op and the node belong together; the graph was checked.
  const op: unknown = interpreters[node.op];
  return (op as AnyInterpreterOp)(node, operands, context);
}

type AnyInterpreterOp = (
  node: Node,
  operands: readonly Float64Tensor[],
  context: InterpreterContext,
) => Float64Tensor;

function findWeight(
  weights: ReadonlyMap<string, Tensor | Float64Tensor>,
  name: string,
  shape: readonly number[],
): Tensor | Float64Tensor {
  const weight = weights.get(name);
  if (!weight || !isSameShape(weight.shape, shape)) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `${name} should be ${formatShape(shape)}, but ${weight ? `is ${formatShape(weight.shape)}` : 'is missing'}.`,
      hint: 'Are these the weights of this network?',
      path: [name],
    });
  }
  return weight;
}

function findValue(values: ReadonlyMap<string, Float64Tensor>, name: string): Float64Tensor {
  const value = values.get(name);
  if (!value) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `There is no value "${name}" in this network.`,
      hint: `Values: ${[...values.keys()].join(', ')}.`,
    });
  }
  return value;
}
