import type { Node, Shape } from '@alexnet/core';
import { pick } from '../pick.ts';
import { tfjsOps } from './ops/index.ts';
import type { TfjsContext } from './ops/tfjs-op.ts';
import type { Value } from './tensorflow.ts';

/** A way through a network: what its nodes go by, beside their operands. */
export interface Pass extends Pick<TfjsContext, 'tf' | 'statisticsOf'> {
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  /** Of every value, from `inferShapes`. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** By Dropout node, as its input is laid out; none in inference. */
  readonly masks: ReadonlyMap<string, Value>;
}

/**
 * Runs a network's nodes.
 *
 * @param operands - input and parameters, by name
 * @returns every value, by name
 */
export function runNodes(
  { tf, nodes, shapes, masks, statisticsOf }: Pass,
  operands: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  const values = new Map(operands);
  for (const node of nodes) {
    const outputShape = pick(shapes, node.output);
    const context = { tf, outputShape, mask: masks.get(node.name) ?? null, statisticsOf };
    const inputs = node.inputs.map((name) => pick(values, name));
    values.set(node.output, translate(node, inputs, context));
  }
  return values;
}

function translate(node: Node, inputs: readonly Value[], context: TfjsContext): Value {
  // The table guarantees that the op and the node belong together; the graph was checked.
  const op: unknown = tfjsOps[node.op];
  return (op as AnyTfjsOp)(node, inputs, context);
}

type AnyTfjsOp = (node: Node, inputs: readonly Value[], context: TfjsContext) => Value;
