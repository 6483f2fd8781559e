import type { JsonReader } from '../read-json.ts';
import type { Shape } from '../tensor.ts';
import type { ForEachInput } from './node-base.ts';

/** What core knows of an op: how its output's shape follows, and what it costs. */
export interface OpDefinition<
  Node extends { readonly inputs: readonly string[]; readonly attributes: unknown },
> {
  /** Number of operands. */
  readonly arity: Node['inputs']['length'];
  /** Reads the attributes of untrusted JSON. */
  parseAttributes(json: JsonReader): Node['attributes'];
  /**
   * Shape of the node's output, with the batch axis.
   *
   * @throws `SHAPE_MISMATCH` naming the layer, what it expects and what it was given.
   */
  inferShape(node: Node, inputs: ForEachInput<Node['inputs'], Shape>): Shape;
  /** Multiply-adds of one run; ops without a sum of products count none, as is usual. */
  countMultiplyAdds?(
    node: Node,
    inputs: ForEachInput<Node['inputs'], Shape>,
    output: Shape,
  ): number;
}
