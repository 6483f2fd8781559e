import { AttributeReader } from '../attribute-reader.ts';
import type { AttributeProto, NodeProto } from '../proto/messages.ts';

/** A node of the file, and what it takes to read it. */
export interface OnnxGraphNode {
  readonly opType: string;
  readonly name: string;
  /** For error messages: `conv1 (Conv)`. */
  readonly label: string;
  /** Version of ONNX's operators. */
  readonly opset: number;
  /** Operator set; '' for ONNX's own. */
  readonly domain: string;
  readonly isOnnxDomain: boolean;
  /** Names of the operands in the file; '' for one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly AttributeProto[];
}

export function readGraphNode(node: NodeProto, opset: number): OnnxGraphNode {
  const name = node.name || node.output.find((output) => output !== '') || node.opType;
  const { domain = '' } = node;
  return {
    opType: node.opType,
    name,
    label: `${name} (${node.opType})`,
    opset,
    domain,
    isOnnxDomain: domain === '' || domain === 'ai.onnx',
    inputs: node.input,
    outputs: node.output,
    attributes: node.attribute,
  };
}

export function attributesOf(node: OnnxGraphNode): AttributeReader {
  return new AttributeReader(node.label, node.attributes);
}
