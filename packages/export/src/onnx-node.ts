import type { AlexNetError, Tensor } from '@alexnet/core';
import { type AttributeReader, shortenFloat32 } from './attribute-reader.ts';
import { type Constant, constantOf, scalarOf, tensorOf } from './import/constant.ts';
import type { Operand } from './import/draft.ts';
import { attributesOf, type OnnxGraphNode } from './import/graph-node.ts';
import { refuse } from './import/refusal.ts';
import type { Value } from './import/value.ts';

/** A node of an ONNX graph on its way into the IR. */
export interface OnnxNode {
  readonly name: string;
  readonly output: string;
  /** Version of ONNX's operators: the same name and attribute may mean another thing in another one. */
  readonly opset: number;
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
  /**
   * The numbers of an operand that is a weight; undefined if the operand is left out.
   *
   * @throws AlexNetError `UNSUPPORTED` if it is none
   */
  weight(index: number, role: string): Tensor | undefined;
  /** Whether an operand is there. */
  has(index: number): boolean;
  /** A weight that is not in the file, made of those that are. @returns its name, for `inputs` */
  define(role: string, tensor: Tensor): string;
  /**
   * [H, W] of the picture that the first operand is.
   *
   * @throws AlexNetError `UNSUPPORTED` if it is none
   */
  pictureSize(): readonly [number, number];
  /** Passes over an operand without effect. */
  ignoreOperand(index: number): void;
  /** An error that names the node: `has …` */
  refuse(what: string, hint?: string): AlexNetError;
  /** @throws AlexNetError `UNSUPPORTED` for an operand or attribute that nothing has asked for */
  checkAllRead(): void;
}

/** The node, and what the names in it stand for. */
export interface ReadableNode {
  readonly node: OnnxNode;
  operandOf(name: string): Operand | undefined;
}

/** @param values - of the node's operands */
export function readOnnxNode(
  node: OnnxGraphNode,
  values: readonly (Value | undefined)[],
): ReadableNode {
  const attributes = attributesOf(node);
  const output = node.outputs[0] ?? '';
  const { operandOf, remember, checkAllRead, ...reader } = createOperandReader(node, values);
  const onnxNode: OnnxNode = {
    name: node.name,
    output,
    opset: node.opset,
    attributes,
    ...reader,
    define(role, tensor) {
      let name = `${output}/${role}`;
      while (operandOf(name) !== undefined) name = `${name}'`;
      remember(name, constantOf(tensor));
      return name;
    },
    pictureSize() {
      const [x] = values;
      const [, height, width] = x?.kind === 'activation' ? x.shape : [];
      if (height !== undefined && width !== undefined) return [height, width];
      throw refuse(node, 'works on pictures, but is not given one');
    },
    refuse: (what, hint) => refuse(node, what, hint),
    checkAllRead() {
      checkAllRead();
      attributes.checkAllRead();
    },
  };
  return { node: onnxNode, operandOf };
}

interface OperandReader
  extends Pick<
      OnnxNode,
      'operands' | 'constant' | 'weight' | 'has' | 'ignoreOperand' | 'checkAllRead'
    >,
    Pick<ReadableNode, 'operandOf'> {
  remember(name: string, operand: Operand): void;
}

/** The operands of a node, and which of them have been asked for. */
function createOperandReader(
  { inputs, ...named }: OnnxGraphNode,
  values: readonly (Value | undefined)[],
): OperandReader {
  const seen = new Set<number>();
  const known = new Map<string, Operand>();
  for (const [index, value] of values.entries()) {
    const operand = toOperand(value);
    if (operand !== undefined) known.set(inputs[index] ?? '', operand);
  }
  const fail = (message: string): never => {
    throw refuse(named, message);
  };
  const constantAt = (index: number): Constant | undefined => {
    seen.add(index);
    const value = values[index];
    return value?.kind === 'constant' ? value : undefined;
  };
  return {
    operandOf: (name) => known.get(name),
    remember: (name, operand) => known.set(name, operand),
    has: (index) => Boolean(inputs[index]),
    ignoreOperand: (index) => {
      seen.add(index);
    },
    operands<const Roles extends readonly string[]>(...roles: Roles) {
      return roles.map((role, index) => {
        seen.add(index);
        const value = values[index];
        if (index > 0 && value && value.kind !== 'constant') {
          fail(`takes its ${role} from "${inputs[index]}", which is no constant`);
        }
        return inputs[index] || fail(`has no operand "${role}"`);
      }) as { readonly [Index in keyof Roles]: string };
    },
    constant(index, role) {
      const constant = constantAt(index);
      if (!inputs[index]) return undefined;
      const value = constant && scalarOf(constant);
      if (value !== undefined) return shortenFloat32(value);
      return fail(`takes its ${role} from "${inputs[index]}", which is no constant of one element`);
    },
    weight(index, role) {
      const constant = constantAt(index);
      if (!inputs[index]) return undefined;
      const tensor = constant && tensorOf(constant);
      if (!tensor) return fail(`takes its ${role} from "${inputs[index]}", which is no weight`);
      // Its other lengths may be anything: no byte of the file stands for them.
      if (tensor.data.length > 0) return tensor;
      return fail(`takes its ${role} from "${inputs[index]}", which has no elements`);
    },
    checkAllRead() {
      const extra = inputs.findIndex((operand, index) => operand !== '' && !seen.has(index));
      if (extra >= 0) fail(`has an operand too many: "${inputs[extra]}"`);
    },
  };
}

function toOperand(value: Value | undefined): Operand | undefined {
  if (value?.kind === 'constant') return value;
  return value?.kind === 'activation' ? value.value : undefined;
}
