import type { Shape } from '@alexnet/core';
import type { ModelProto, NodeProto, TensorProto } from '@alexnet/export';

/** Operators whose second input is a layer's weight, and the third one its bias. */
const LAYERS: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'MatMul']);

const INT64_BYTES = 8;

/**
 * Shapes of the weights and biases of a graph's layers, by their names in the order of the layers: initialisers, and
 * the constants of files that come without their weights, whose shapes are initialisers.
 */
export function listWeightShapes({ graph }: ModelProto): ReadonlyMap<string, Shape> {
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
  const shapes = new Map<string, Shape>();
  for (const { opType, input } of graph.node) {
    if (!LAYERS.has(opType)) continue;
    for (const name of input.slice(1)) {
      const shape = initializers.get(name)?.dims ?? readFilledShape(makers.get(name), initializers);
      if (shape) shapes.set(name, shape);
    }
  }
  return shapes;
}

/** What ConstantOfShape makes. */
function readFilledShape(
  node: NodeProto | undefined,
  initializers: ReadonlyMap<string, TensorProto>,
): Shape | undefined {
  const raw = node?.opType === 'ConstantOfShape' && initializers.get(node.input[0] ?? '')?.rawData;
  if (!raw) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: Math.floor(raw.length / INT64_BYTES) }, (_, axis) =>
    Number(view.getBigInt64(axis * INT64_BYTES, true)),
  );
}
