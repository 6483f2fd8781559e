import type { OnnxBuilder } from '../builder.ts';
import type { OnnxNode } from '../onnx-node.ts';

/** One op of the IR in ONNX, and the way back. */
export interface OpTranslation<Node> {
  /** Adds the ONNX nodes that compute the node. Names in the file are the IR's. */
  toOnnx(node: Node, builder: OnnxBuilder): void;
  /**
   * The IR's node for an ONNX node of the same operator.
   *
   * @throws AlexNetError `UNSUPPORTED` for operands and attributes that the IR cannot hold.
   */
  fromOnnx(node: OnnxNode): Node;
}
