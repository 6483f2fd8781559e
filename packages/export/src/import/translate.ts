import { AlexNetError, type ErrorCode, isAlexNetError } from '@alexnet/core';
import {
  AttributeType,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from '../proto/messages.ts';
import { Budget } from './budget.ts';
import { type Constant, scalarOf } from './constant.ts';
import type { ImportContext } from './context.ts';
import { Draft } from './draft.ts';
import { foldNode } from './fold.ts';
import { type OnnxGraphNode, readGraphNode } from './graph-node.ts';
import { type ExternalFiles, readInitializer } from './initializer.ts';
import type { NetworkInput } from './network-input.ts';
import { findReaders, unknownOperator } from './readers.ts';
import { blame, refuse } from './refusal.ts';
import type { Unreadable, Value } from './value.ts';

export interface TranslateOptions {
  readonly opset: number;
  readonly isOwn: boolean;
  readonly input: NetworkInput;
  readonly files: ExternalFiles;
}

/** A graph of a file as far as it could be read: what could not be is an error only where it is asked for. */
export interface Translation {
  readonly draft: Draft;
  /** @throws AlexNetError `INVALID_MODEL` for a name that nothing makes */
  valueOf(name: string): Value;
}

/**
 * Reads all nodes of a graph, one after another.
 *
 * @throws AlexNetError `INVALID_MODEL` for a graph that could not run anywhere
 */
export function translateGraph(graph: GraphProto, options: TranslateOptions): Translation {
  const translator = new Translator(graph, options);
  translator.visit(graph);
  return {
    draft: translator.draft,
    valueOf: (name) => translator.lookUp(name, 'the output'),
  };
}

class Translator implements ImportContext {
  readonly draft: Draft;
  readonly budget = new Budget();
  readonly settled: ImportContext['settled'] = new Map();
  readonly joins: ImportContext['joins'] = new Map();
  readonly isOwn: boolean;
  readonly fixedBatch: number;
  private visited = 0;
  private readonly opset: number;
  private readonly files: ExternalFiles;
  private readonly values = new Map<string, Value>();
  private readonly initializers: Map<string, TensorProto>;
  private readonly uses: ReadonlyMap<string, number>;
  /** Names of all values that some node makes. */
  private readonly made: ReadonlySet<string>;

  constructor(graph: GraphProto, { opset, isOwn, input, files }: TranslateOptions) {
    const { made, uses } = surveyGraph(graph);
    this.opset = opset;
    this.isOwn = isOwn;
    this.files = files;
    this.fixedBatch = input.fixedBatch;
    this.made = made;
    this.uses = uses;
    this.initializers = new Map();
    const { name, shape, view } = input;
    this.draft = new Draft({ name, shape }, new Set([...made, ...graph.input.map((i) => i.name)]));
    this.values.set(name, { kind: 'activation', value: name, shape, view, owner: name });
    for (const other of input.others) {
      this.values.set(other, { kind: 'unreadable', error: anotherInput(other, name) });
    }
  }

  countUses(name: string): number {
    return this.uses.get(name) ?? 0;
  }

  visit(graph: GraphProto): void {
    for (const tensor of graph.initializer) {
      const name = tensor.name ?? '';
      if (name === '' || this.initializers.has(name)) throw twoWeights(name);
      this.initializers.set(name, tensor);
    }
    for (const node of graph.node) this.visitNode(node);
  }

  lookUp(name: string, reader: string): Value {
    const known = this.values.get(name);
    if (known) return known;
    const tensor = this.initializers.get(name);
    if (tensor) {
      const value = this.readTensor(name, tensor);
      this.values.set(name, value);
      return value;
    }
    const fault = this.made.has(name)
      ? 'before it is made: a cycle, or nodes out of order'
      : 'which does not exist';
    throw new AlexNetError('INVALID_MODEL', {
      message: `The model does not fit together: ${reader} reads "${name}"${this.made.has(name) ? ' ' : ', '}${fault}.`,
      hint: 'Nodes stand in the order in which they run; inputs are names of values or weights.',
      path: [reader, name],
    });
  }

  private readTensor(name: string, tensor: TensorProto): Value {
    try {
      return readInitializer(name, tensor, this.files);
    } catch (error) {
      return deferError(error);
    }
  }

  read(node: OnnxGraphNode, inputs: readonly (Value | undefined)[]): readonly Value[] {
    const origin = { node, inputs };
    try {
      const made = this.readNode(node, inputs);
      const list = 'kind' in made ? [made] : made;
      return list.map((value) =>
        value.kind === 'constant' || value.kind === 'unreadable' ? value : { ...value, origin },
      );
    } catch (error) {
      return [{ ...deferError(error), origin }];
    }
  }

  private visitNode(proto: NodeProto): void {
    const node = readGraphNode(proto, this.opset);
    this.visited += 1;
    if (this.visited > MAX_NODES) throw tooManyNodes();
    for (const output of proto.output) this.checkFree(node, output);
    const inputs = proto.input.map((name) =>
      name === '' ? undefined : this.lookUp(name, node.name),
    );
    const made = node.opType === 'If' ? this.visitBranch(node, inputs) : this.read(node, inputs);
    for (const [index, output] of proto.output.entries()) {
      if (output === '') continue;
      const [first] = made;
      const fallback: Value =
        first?.kind === 'unreadable'
          ? first
          : { kind: 'unreadable', error: refuse(node, `makes "${output}" too, which is not read`) };
      const value = made[index] ?? fallback;
      // In a file of ours a computed constant is a weight, under its own name.
      const isWeight = this.isOwn && value.kind === 'constant';
      this.values.set(output, isWeight ? { ...value, source: output } : value);
    }
  }

  private readNode(
    node: OnnxGraphNode,
    inputs: readonly (Value | undefined)[],
  ): Value | readonly Value[] {
    const { opType } = node;
    const given = inputs.filter((input) => input !== undefined);
    const unreadable = given.find((input) => input.kind === 'unreadable');
    if (unreadable && opType !== 'Concat') throw unreadable.error;
    if (!node.isOnnxDomain) throw unknownOperator(node);
    const constants = given.filter((input): input is Constant => input.kind === 'constant');
    if (constants.length === given.length && (given.length > 0 || opType === 'Constant')) {
      const folded = foldNode(node, constants, this);
      if (folded) return folded;
    }
    for (const reader of findReaders(opType)) {
      const value = reader(node, inputs, this);
      if (value) return value;
    }
    throw unknownOperator(node, given);
  }

  /** The graph that an If runs, where that is known beforehand. */
  private visitBranch(
    node: OnnxGraphNode,
    [condition]: readonly (Value | undefined)[],
  ): readonly Value[] {
    const known = condition?.kind === 'constant' ? scalarOf(condition) : undefined;
    const name = known === 0 ? 'else_branch' : 'then_branch';
    const branch = node.attributes.find((attribute) => attribute.name === name);
    if (known === undefined) {
      const error =
        condition?.kind === 'unreadable'
          ? condition.error
          : refuse(node, 'chooses between two graphs in the run');
      return node.outputs.map(() => ({ kind: 'unreadable', error }));
    }
    if (branch?.type !== AttributeType.graph || !branch.g) throw blame(node, `has no ${name}`);
    this.visit(branch.g);
    return branch.g.output.map((output) => this.lookUp(output.name, node.name));
  }

  private checkFree(node: OnnxGraphNode, output: string): void {
    if (output === '') return;
    const isWeight = this.initializers.has(output);
    if (!isWeight && !this.values.has(output)) return;
    throw blame(
      node,
      isWeight
        ? `makes "${output}", which is a weight as well`
        : `makes "${output}", which there is already`,
    );
  }
}

/** Nodes in one file, those of inner graphs included: an exporter that simplifies nothing writes 300 of an AlexNet. */
const MAX_NODES = 2000;

function tooManyNodes(): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model has more than ${MAX_NODES} nodes.`,
    hint: 'Is this an AlexNet? onnxsim or onnxruntime can simplify what an exporter wrote.',
    path: ['node'],
  });
}

/** What may be wrong with a node that nothing needs. */
const DEFERRED: readonly ErrorCode[] = ['UNSUPPORTED', 'INVALID_GRAPH', 'SHAPE_MISMATCH'];

/** An error that counts where the value is asked for. @throws any other */
function deferError(error: unknown): Unreadable {
  if (!isAlexNetError(error) || !DEFERRED.includes(error.code)) throw error;
  return { kind: 'unreadable', error };
}

/** Names that nodes make, and how often each is used, inner graphs included. */
function surveyGraph(graph: GraphProto): {
  readonly made: Set<string>;
  readonly uses: Map<string, number>;
} {
  const made = new Set<string>();
  const uses = new Map<string, number>();
  const survey = ({ node, output }: GraphProto) => {
    const used = [...node.flatMap((inner) => inner.input), ...output.map(({ name }) => name)];
    for (const name of used) uses.set(name, (uses.get(name) ?? 0) + 1);
    for (const inner of node) {
      for (const name of inner.output) made.add(name);
      for (const { g } of inner.attribute) if (g) survey(g);
    }
  };
  survey(graph);
  return { made, uses };
}

function twoWeights(name: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: name === '' ? 'A weight has no name.' : `There are two weights named "${name}".`,
    hint: 'The file is damaged, or made to be read in two ways.',
    path: [name],
  });
}

function anotherInput(name: string, picture: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model needs a second input, "${name}", beside the picture "${picture}".`,
    hint: 'A network here has one input.',
    path: [name],
  });
}
