import { AlexNetError } from '@alexnet/core';
import { type Attribute, makeAttributeProto, toInt64 } from './attribute.ts';
import type {
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
  ValueInfoProto,
} from './proto/messages.ts';
import {
  makeTensorProto,
  type OnnxArrays,
  type OnnxTensor,
  type OnnxType,
} from './proto/tensor-proto.ts';
import { type Dimension, makeSequenceInfo, makeTensorInfo } from './value-info.ts';
import { PRODUCER_VERSION } from './version.ts';

/** Name of a value of the graph; '' stands for an optional operand that is left out. */
export type Value = string;

export interface OpOptions {
  /** Of the node; by default the scopes and the op's name. Used as it is, without the scopes. */
  readonly name?: string;
  /** Name of the value that the node makes, by default the node's own; of several: with `/0`, `/1`, … */
  readonly output?: string;
  /** Operator set, by default ONNX's own, ''. */
  readonly domain?: string;
}

export interface BuildOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of ONNX's own operators; {@link DEFAULT_OPSET}. */
  readonly opset?: number;
  /** Operator sets beside ONNX's own: domain to version. */
  readonly domains?: Readonly<Record<string, number>>;
  /** {@link DEFAULT_IR_VERSION} */
  readonly irVersion?: number;
  /** Version of the model itself. */
  readonly modelVersion?: number;
  readonly docString?: string;
}

/** The newest operator set that onnxruntime 1.17 of early 2024 reads. */
export const DEFAULT_OPSET = 20;

/** The newest file format that onnxruntime 1.17 of early 2024 reads. */
export const DEFAULT_IR_VERSION = 9;

/**
 * Puts an ONNX graph together, node by node, in an order in which they can run: a node's operands must
 * be there before it. Names are unique in the whole model; generated ones are made so, given ones are
 * checked.
 *
 * All methods that take a name or an operand throw `INVALID_GRAPH` for a name that is taken, or an
 * operand that does not exist.
 */
export interface OnnxBuilder {
  input(name: string, dtype: OnnxType, shape: readonly Dimension[]): Value;
  /** Makes a value an output of the graph; outputs keep the order of the calls. */
  output(value: Value, dtype: OnnxType, shape: readonly Dimension[]): void;
  /** As `output`, for a sequence of tensors (`SequenceConstruct`). */
  outputSequence(value: Value, dtype: OnnxType, shape?: readonly Dimension[]): void;
  /** A weight. Its memory is used as it is when the model is encoded. */
  initializer(name: string, tensor: OnnxTensor): Value;
  /** A nameless constant. Equal small ones are one value. `Uint8Array` makes uint8, not bool; `Uint16Array` float16. */
  constant(data: OnnxArrays[OnnxType], shape?: readonly number[]): Value;
  /** float32 [] */
  scalar(value: number): Value;
  /** int64 [values.length]; integers within ±2⁵³ */
  ints(...values: number[]): Value;
  op(
    opType: string,
    inputs: readonly Value[],
    attributes?: Readonly<Record<string, Attribute>>,
    options?: OpOptions,
  ): Value;
  /** A node with several outputs. */
  ops(
    opType: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number,
    options?: OpOptions,
  ): Value[];
  /** Generated names inside start with the prefix: `conv1/weight-gradient/Gemm`. */
  scope<T>(prefix: string, body: () => T): T;
  /** A graph for an attribute (`Loop`, `If`); it sees the values made before it, and has its own inputs and outputs. */
  subgraph(name: string, body: (inner: OnnxBuilder) => void): GraphProto;
  build(options?: BuildOptions): ModelProto;
}

/** @param name - of the graph */
export function createOnnxBuilder(name: string): OnnxBuilder {
  return new GraphBuilder(name, undefined);
}

/** Constants up to this size are compared by content. */
const MAX_SHARED_BYTES = 1024;

/** Constants up to this many elements are named after their values. */
const MAX_NAMED_VALUES = 4;

class GraphBuilder implements OnnxBuilder {
  private readonly name: string;
  private readonly outer: GraphBuilder | undefined;
  /** Names of nodes, values and graphs of the whole model; shared with inner graphs. */
  private readonly nodeNames: Set<string>;
  private readonly valueNames: Set<string>;
  /** By base, where the search for a name that is not taken begins: none before it is ever free again. */
  private readonly nodeCounts = new Map<string, number>();
  private readonly valueCounts = new Map<string, number>();
  private readonly scopes: string[];
  /** Values of this graph that a node can use. */
  private readonly values = new Set<Value>();
  private readonly sharedConstants = new Map<string, Value>();
  private readonly nodes: NodeProto[] = [];
  private readonly initializers: TensorProto[] = [];
  private readonly inputs: ValueInfoProto[] = [];
  private readonly outputs: ValueInfoProto[] = [];

  constructor(name: string, outer: GraphBuilder | undefined) {
    this.name = name;
    this.outer = outer;
    this.nodeNames = outer?.nodeNames ?? new Set();
    this.valueNames = outer?.valueNames ?? new Set();
    this.scopes = outer?.scopes ?? [];
  }

  input(name: string, dtype: OnnxType, shape: readonly Dimension[]): Value {
    this.inputs.push(makeTensorInfo(name, dtype, shape));
    return this.define(name);
  }

  output(value: Value, dtype: OnnxType, shape: readonly Dimension[]): void {
    this.checkOutput(value);
    this.outputs.push(makeTensorInfo(value, dtype, shape));
  }

  outputSequence(value: Value, dtype: OnnxType, shape?: readonly Dimension[]): void {
    this.checkOutput(value);
    this.outputs.push(makeSequenceInfo(value, dtype, shape));
  }

  initializer(name: string, tensor: OnnxTensor): Value {
    this.initializers.push(makeTensorProto(name, tensor));
    return this.define(name);
  }

  constant(data: OnnxArrays[OnnxType], shape: readonly number[] = [data.length]): Value {
    const tensor = toTensor(data, shape);
    if (data.byteLength > MAX_SHARED_BYTES) {
      return this.initializer(this.makeUnique(this.valueNames, this.scoped('constant')), tensor);
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${tensor.dtype}[${shape}]${bytes}`;
    const shared = this.findConstant(key);
    if (shared !== undefined) return shared;
    const label = data.length <= MAX_NAMED_VALUES ? data.join(',') : tensor.dtype;
    const name = this.makeUnique(this.valueNames, `constant/${label}`);
    // The caller may reuse a small array; a large one stays the caller's, as in `initializer`.
    const value = this.initializer(name, toTensor(data.slice(), shape));
    this.sharedConstants.set(key, value);
    return value;
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), []);
  }

  ints(...values: number[]): Value {
    const integers = values.map((value) => toInt64('ints', value));
    return this.constant(BigInt64Array.from(integers));
  }

  op(
    opType: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: OpOptions = {},
  ): Value {
    const name = this.nameNode(opType, options.name);
    const output = options.output ?? this.makeUnique(this.valueNames, name);
    this.addNode(opType, inputs, attributes, { name, outputs: [output], domain: options.domain });
    return output;
  }

  ops(
    opType: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number,
    options: OpOptions = {},
  ): Value[] {
    const name = this.nameNode(opType, options.name);
    const base = options.output ?? this.makeUnique(this.valueNames, name);
    const names = Array.from({ length: outputs }, (_, index) => `${base}/${index}`);
    this.addNode(opType, inputs, attributes, { name, outputs: names, domain: options.domain });
    return names;
  }

  scope<T>(prefix: string, body: () => T): T {
    this.scopes.push(prefix);
    try {
      return body();
    } finally {
      this.scopes.pop();
    }
  }

  subgraph(name: string, body: (inner: OnnxBuilder) => void): GraphProto {
    const inner = new GraphBuilder(name, this);
    body(inner);
    return inner.makeGraph();
  }

  build(options: BuildOptions = {}): ModelProto {
    const { metadata = {}, opset = DEFAULT_OPSET, irVersion = DEFAULT_IR_VERSION } = options;
    const domains = Object.entries(options.domains ?? {});
    return {
      irVersion,
      producerName: 'alexnet',
      producerVersion: PRODUCER_VERSION,
      ...(options.modelVersion === undefined ? {} : { modelVersion: options.modelVersion }),
      ...(options.docString === undefined ? {} : { docString: options.docString }),
      graph: this.makeGraph(),
      opsetImport: [
        { domain: '', version: opset },
        ...domains.map(([domain, version]) => ({ domain, version })),
      ],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    };
  }

  private makeGraph(): GraphProto {
    if (this.outputs.length === 0) {
      throw new AlexNetError('INVALID_GRAPH', {
        message: `The graph "${this.name}" has no outputs.`,
        hint: 'Declare at least one with output().',
      });
    }
    return {
      node: [...this.nodes],
      name: this.name,
      initializer: [...this.initializers],
      input: [...this.inputs],
      output: [...this.outputs],
    };
  }

  private addNode(
    opType: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    node: { name: string; outputs: readonly string[]; domain: string | undefined },
  ): void {
    for (const input of inputs) if (input !== '') this.checkOperand(input, node.name);
    this.nodes.push({
      input: [...inputs],
      output: [...node.outputs],
      name: node.name,
      opType,
      attribute: Object.entries(attributes).map(([key, value]) => makeAttributeProto(key, value)),
      ...(node.domain === undefined ? {} : { domain: node.domain }),
    });
    for (const output of node.outputs) this.define(output);
  }

  private nameNode(opType: string, given: string | undefined): string {
    if (given === undefined) return this.makeUnique(this.nodeNames, this.scoped(opType), true);
    if (this.nodeNames.has(given)) throw takenName('node', given);
    this.nodeNames.add(given);
    return given;
  }

  private scoped(name: string): string {
    return [...this.scopes, name].join('/');
  }

  private makeUnique(taken: Set<string>, base: string, take = false): string {
    const counts = take ? this.nodeCounts : this.valueCounts;
    let count = counts.get(base) ?? 0;
    const nameAt = (at: number) => (at === 0 ? base : `${base}_${at}`);
    while (taken.has(nameAt(count))) count += 1;
    counts.set(base, count);
    const name = nameAt(count);
    if (take) taken.add(name);
    return name;
  }

  private define(value: Value): Value {
    if (value === '' || this.valueNames.has(value)) throw takenName('value', value);
    this.valueNames.add(value);
    this.values.add(value);
    return value;
  }

  private checkOutput(value: Value): void {
    this.checkOperand(value, 'output');
    if (this.outputs.some(({ name }) => name === value)) throw takenName('output', value);
  }

  private checkOperand(value: Value, user: string): void {
    if (this.sees(value)) return;
    throw new AlexNetError('INVALID_GRAPH', {
      message: `${user} uses "${value}", which no input, weight or earlier node of the graph "${this.name}" makes.`,
      hint: 'Add the node that makes it first.',
      path: [user, value],
    });
  }

  private sees(value: Value): boolean {
    return this.values.has(value) || (this.outer?.sees(value) ?? false);
  }

  private findConstant(key: string): Value | undefined {
    return this.sharedConstants.get(key) ?? this.outer?.findConstant(key);
  }
}

function toTensor(data: OnnxArrays[OnnxType], shape: readonly number[]): OnnxTensor {
  if (data instanceof Float32Array) return { dtype: 'float32', shape, data };
  if (data instanceof BigInt64Array) return { dtype: 'int64', shape, data };
  if (data instanceof Int32Array) return { dtype: 'int32', shape, data };
  if (data instanceof Int8Array) return { dtype: 'int8', shape, data };
  if (data instanceof Uint16Array) return { dtype: 'float16', shape, data };
  return { dtype: 'uint8', shape, data };
}

function takenName(kind: string, name: string): AlexNetError {
  return new AlexNetError('INVALID_GRAPH', {
    message: name === '' ? `A ${kind} has no name.` : `There are two ${kind}s named "${name}".`,
    hint: 'Names are unique in the whole model, inner graphs included.',
    path: [name],
  });
}
