import type { Graph, OpName } from './graph.ts';
import { definitionOf, inferShapes, inputShapes } from './infer-shapes.ts';
import { type Shape, sizeOf } from './tensor.ts';

export interface GraphSummary {
  readonly name: string;
  /** [1, C, H, W] */
  readonly inputShape: Shape;
  readonly parameters: number;
  /** For one picture. */
  readonly multiplyAdds: number;
  readonly layers: readonly LayerSummary[];
}

export interface LayerSummary {
  readonly name: string;
  readonly op: OpName;
  /** With a batch of one: [1, 96, 55, 55]. */
  readonly outputShape: Shape;
  /** Weights and biases that this layer learns. */
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** Output shapes, learnable parameters and multiply-adds of each layer and of the whole network. */
export function summarize(graph: Graph): GraphSummary {
  const shapes = inferShapes(graph);
  const sizes = new Map(graph.parameters.map(({ name, shape }) => [name, sizeOf(shape)]));
  const layers = graph.nodes.map((node): LayerSummary => {
    const outputShape = shapes.get(node.output) ?? [];
    const operands = inputShapes(node, shapes);
    return {
      name: node.name,
      op: node.op,
      outputShape,
      parameters: sum(node.inputs.map((input) => sizes.get(input) ?? 0)),
      multiplyAdds: definitionOf(node).countMultiplyAdds?.(node, operands, outputShape) ?? 0,
    };
  });
  return {
    name: graph.name,
    inputShape: [1, ...graph.input.shape],
    parameters: sum([...sizes.values()]),
    multiplyAdds: sum(layers.map((layer) => layer.multiplyAdds)),
    layers,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
