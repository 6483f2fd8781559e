import type { Graph, Node, OpName } from '../graph/graph.ts';
import { definitionOf, inferShapes, inputShapes } from '../graph/infer-shapes.ts';
import { type Shape, sizeOf } from '../tensor.ts';
import { inferReceptiveFields, type ReceptiveField } from './receptive-field.ts';

const FLOAT_BYTES = 4;

export interface GraphSummary {
  readonly name: string;
  /** [1, C, H, W] */
  readonly inputShape: Shape;
  readonly parameters: number;
  /** For one picture. */
  readonly multiplyAdds: number;
  /** Of the outputs of all layers, for one picture, float32. */
  readonly activationBytes: number;
  readonly layers: readonly LayerSummary[];
}

export interface LayerSummary {
  readonly name: string;
  readonly op: OpName;
  /** With a batch of one: [1, 96, 55, 55]. */
  readonly outputShape: Shape;
  /** Kernel, strides, pads, group and what else the op has. */
  readonly attributes: Node['attributes'];
  /** Weights and biases of this layer, and running statistics. */
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Of the output, for one picture, float32. */
  readonly activationBytes: number;
  /** `null` if the network's input is no picture. */
  readonly receptiveField: ReceptiveField | null;
}

/** Shapes, parameters, multiply-adds, memory and receptive field of each layer and of the whole network. */
export function summarize(graph: Graph): GraphSummary {
  const shapes = inferShapes(graph);
  const fields = inferReceptiveFields(graph);
  const sizes = new Map(graph.parameters.map(({ name, shape }) => [name, sizeOf(shape)]));
  const layers = graph.nodes.map((node): LayerSummary => {
    const outputShape = shapes.get(node.output) ?? [];
    const operands = inputShapes(node, shapes);
    return {
      name: node.name,
      op: node.op,
      outputShape,
      attributes: node.attributes,
      parameters: sum(node.inputs.map((input) => sizes.get(input) ?? 0)),
      multiplyAdds: definitionOf(node).countMultiplyAdds?.(node, operands, outputShape) ?? 0,
      activationBytes: sizeOf(outputShape) * FLOAT_BYTES,
      receptiveField: fields.get(node.output) ?? null,
    };
  });
  return {
    name: graph.name,
    inputShape: [1, ...graph.input.shape],
    parameters: sum([...sizes.values()]),
    multiplyAdds: sum(layers.map((layer) => layer.multiplyAdds)),
    activationBytes: sum(layers.map((layer) => layer.activationBytes)),
    layers,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
