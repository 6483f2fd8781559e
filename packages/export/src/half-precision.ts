import { makeAttributeProto } from './attribute.ts';
import { toHalves } from './half.ts';
import {
  DataType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto/messages.ts';

export type FloatType = 'float32' | 'float16';

export interface HalfPrecisionOptions {
  /** Type of the graph's input and outputs. */
  readonly io: FloatType;
  /** Whether a node computes in float32 all the same. @param name - of the node */
  readonly keepsFloat32: (name: string) => boolean;
}

const DATA_TYPES = { float32: DataType.float, float16: DataType.float16 } as const;

/**
 * Makes a float32 model compute in halves: weights become halves, and a Cast stands wherever one node has the other
 * type. A value that is there in both types has its name in the type that was asked for (of an output) or that its node
 * gives, and `relu1/float32` or `relu1/float16` in the other.
 *
 * @throws AlexNetError `NUMERIC` naming a weight that a half cannot hold
 */
export function toHalfPrecision(model: ModelProto, options: HalfPrecisionOptions): ModelProto {
  return { ...model, graph: new HalfGraph(model.graph, options).make() };
}

/** Of one value in another type. */
interface CastNode {
  readonly from: string;
  readonly to: string;
  /** Of the node. */
  readonly name: string;
  readonly type: FloatType;
}

/** Names of a value in the types that it is there in. */
type Forms = Partial<Record<FloatType, string>>;

class HalfGraph {
  private readonly graph: GraphProto;
  private readonly io: FloatType;
  private readonly typeOf: (node: NodeProto) => FloatType;
  private readonly nodes: NodeProto[] = [];
  private readonly forms = new Map<string, Forms>();

  constructor(graph: GraphProto, { io, keepsFloat32 }: HalfPrecisionOptions) {
    this.graph = graph;
    this.io = io;
    this.typeOf = ({ name = '' }) => (keepsFloat32(name) ? 'float32' : 'float16');
  }

  make(): GraphProto {
    const { io } = this;
    const { input, output } = this.graph;
    for (const { name, type } of input) {
      if (type?.tensorType?.elemType === DataType.float) this.forms.set(name, { [io]: name });
    }
    const initializer = this.graph.initializer.flatMap((tensor) => this.addWeight(tensor));
    for (const node of this.graph.node) this.addNode(node);
    return {
      ...this.graph,
      node: this.nodes,
      initializer,
      input: input.map((value) => withType(value, io)),
      output: output.map((value) => withType(value, io)),
    };
  }

  /** A weight in the types in which nodes read it. */
  private addWeight(tensor: TensorProto): readonly TensorProto[] {
    const { name = '', dataType, rawData = new Uint8Array() } = tensor;
    if (dataType !== DataType.float) return [tensor];
    const isRead = (type: FloatType) =>
      this.graph.node.some((node) =>
        node.input.some(
          (operand, index) => operand === name && this.typeOfOperand(node, index) === type,
        ),
      );
    if (!isRead('float16')) {
      this.forms.set(name, { float32: name });
      return [tensor];
    }
    const floats = new Float32Array(rawData.buffer, rawData.byteOffset, rawData.length / 4);
    const bits = toHalves(name, floats);
    const half = { ...tensor, dataType: DataType.float16, rawData: new Uint8Array(bits.buffer) };
    if (!isRead('float32')) {
      this.forms.set(name, { float16: name });
      return [half];
    }
    this.forms.set(name, { float32: name, float16: `${name}/float16` });
    return [tensor, { ...half, name: `${name}/float16` }];
  }

  private addNode(node: NodeProto): void {
    const { io } = this;
    const type = this.typeOf(node);
    const input = node.input.map((name, index) => this.read(name, this.typeOfOperand(node, index)));
    const isRetyped = (name: string) =>
      type !== io && this.graph.output.some((output) => output.name === name);
    const output = node.output.map((name) => (isRetyped(name) ? `${name}/${type}` : name));
    this.nodes.push({ ...node, input, output });
    for (const [index, name] of node.output.entries()) {
      const made = output[index] ?? name;
      this.forms.set(name, made === name ? { [type]: name } : { [type]: made, [io]: name });
      if (made !== name) this.addCast({ from: made, to: name, name: `${name}/${io}`, type: io });
    }
  }

  /** The name under which a node can read a value as a type. */
  private read(name: string, type: FloatType): string {
    const forms = this.forms.get(name);
    const known = forms ? forms[type] : name;
    if (known !== undefined) return known;
    const [from = name] = Object.values(forms ?? {});
    const cast = `${name}/${type}`;
    this.addCast({ from, to: cast, name: cast, type });
    this.forms.set(name, { ...forms, [type]: cast });
    return cast;
  }

  private addCast({ from, to, name, type }: CastNode): void {
    const attribute = [makeAttributeProto('to', { i: DATA_TYPES[type] })];
    this.nodes.push({ opType: 'Cast', name, input: [from], output: [to], attribute });
  }

  private typeOfOperand(node: NodeProto, index: number): FloatType {
    // The ratio of a dropout has a type of its own.
    return node.opType === 'Dropout' && index > 0 ? 'float32' : this.typeOf(node);
  }
}

function withType(value: ValueInfoProto, type: FloatType): ValueInfoProto {
  const tensorType = value.type?.tensorType;
  if (tensorType?.elemType !== DataType.float) return value;
  return { ...value, type: { tensorType: { ...tensorType, elemType: DATA_TYPES[type] } } };
}
