import type { Shape } from '@alexnet/core';
import type { OnnxBuilder } from '../builder.ts';
import type { ConvolutionForm } from '../export-options.ts';
import type { OnnxNode } from '../onnx-node.ts';

export interface TranslationContext {
  readonly builder: OnnxBuilder;
  /** Shape of a value or parameter of the graph for one picture; the file leaves the batch's length free. */
  shapeOf(name: string): Shape;
  /** How local response normalisation is written: as ONNX's own operator, or as a convolution. */
  readonly lrn: 'native' | 'conv';
  /** How convolutions are written. */
  readonly convolutions: ConvolutionForm;
}

/** One op of the IR in ONNX, and the way back. */
export interface OpTranslation<Node> {
  /**
   * Adds the ONNX nodes that compute the node. Names in the file are the IR's; where one op takes several
   * nodes, the last one has its name, and the others have names inside it: `norm1/squares`.
   */
  toOnnx(node: Node, context: TranslationContext): void;
  /**
   * The IR's node for an ONNX node of the same operator; null for an op that ONNX has no operator for.
   *
   * @throws AlexNetError `UNSUPPORTED` for operands and attributes that the IR cannot hold.
   */
  readonly fromOnnx: ((node: OnnxNode) => Node) | null;
}
