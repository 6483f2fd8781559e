import { AlexNetError } from '@alexnet/core';
import { AttributeReader, shortenFloat32 } from './attribute-reader.ts';
import type { NodeProto } from './proto/messages.ts';
import type { WeightReader } from './weight-reader.ts';

/** A node of an ONNX graph on its way into the IR. */
export interface OnnxNode {
  readonly name: string;
  readonly output: string;
  readonly attributes: AttributeReader;
  /**
   * Names of the first operands.
   *
   * @param roles - one for each, for error messages
   * @throws AlexNetError `UNSUPPORTED` if there are fewer
   */
  operands<const Roles extends readonly string[]>(
    ...roles: Roles
  ): { readonly [Index in keyof Roles]: string };
  /**
   * The value of an operand that is a constant of one element; undefined if the operand is left out.
   *
   * @throws AlexNetError `UNSUPPORTED` if it is no constant
   */
  constant(index: number, role: string): number | undefined;
  /** @throws AlexNetError `UNSUPPORTED` for an operand or attribute that nothing has asked for */
  checkAllRead(): void;
}

export function readOnnxNode(node: NodeProto, weights: WeightReader): OnnxNode {
  const output = findOutput(node);
  const name = node.name || output;
  const label = `${name} (${node.opType})`;
  const attributes = new AttributeReader(label, node.attribute);
  const seen = new Set<number>();
  const fail = (message: string): never => {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${label} ${message}.`,
      hint: 'This reads networks that were exported with @alexnet/export.',
      path: [name],
    });
  };
  return {
    name,
    output,
    attributes,
    operands<const Roles extends readonly string[]>(...roles: Roles) {
      return roles.map((role, index) => {
        seen.add(index);
        return node.input[index] || fail(`has no operand "${role}"`);
      }) as { readonly [Index in keyof Roles]: string };
    },
    constant(index, role) {
      seen.add(index);
      const operand = node.input[index];
      if (!operand) return undefined;
      const [value, ...rest] = weights.readConstant(operand) ?? [];
      if (value === undefined || rest.length > 0) {
        return fail(`takes its ${role} from "${operand}", which is no constant of one element`);
      }
      return shortenFloat32(value);
    },
    checkAllRead() {
      const extra = node.input.findIndex((operand, index) => operand !== '' && !seen.has(index));
      if (extra >= 0) fail(`has an operand too many: "${node.input[extra]}"`);
      attributes.checkAllRead();
    },
  };
}

function findOutput(node: NodeProto): string {
  const [output, ...others] = node.output;
  if (output && others.every((name) => name === '')) return output;
  throw new AlexNetError('UNSUPPORTED', {
    message: `${node.name || 'A node'} (${node.opType}) makes ${node.output.length} values, but should make one.`,
    hint: 'This reads networks that were exported with @alexnet/export.',
    path: [node.name ?? ''],
  });
}
