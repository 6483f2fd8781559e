import { inferShapes, type Node, parseGraph, type Shape } from '@alexnet/core';
import type { Constant } from './constant.ts';
import type { Activation } from './value.ts';
import { viewOf } from './view.ts';

/** A value of the graph by name, or a weight. */
export type Operand = string | Constant;

/** A node of the IR whose weights have no names yet. */
export interface DraftNode {
  readonly node: Node;
  /** In the order of the node's inputs, whose names are of no matter. */
  readonly operands: readonly Operand[];
}

/** The network as far as it has been read. */
export class Draft {
  private readonly byOutput = new Map<string, DraftNode>();
  private readonly shapes = new Map<string, Shape>();
  private readonly scaled = new Set<string>();
  private readonly taken: Set<string>;
  readonly input: { readonly name: string; readonly shape: Shape };

  /** @param taken - names of values in the file */
  constructor(
    input: { readonly name: string; readonly shape: Shape },
    taken: ReadonlySet<string> = new Set(),
  ) {
    this.input = input;
    this.taken = new Set(taken);
    this.shapes.set(input.name, input.shape);
  }

  /**
   * Adds a node.
   *
   * @throws AlexNetError `SHAPE_MISMATCH` or `INVALID_GRAPH` of core if its operands do not fit
   */
  add(node: Node, operands: readonly Operand[]): Activation {
    const shape = this.inferShape(node, operands);
    this.byOutput.set(node.output, { node, operands });
    this.shapes.set(node.output, shape);
    const value = node.output;
    return { kind: 'activation', value, shape, view: viewOf(shape), owner: value };
  }

  /** The node that makes a value; undefined for the input. */
  find(output: string): DraftNode | undefined {
    return this.byOutput.get(output);
  }

  /** Shape of a value for one picture. */
  shapeOf(value: string): Shape | undefined {
    return this.shapes.get(value);
  }

  /** Gives a node other weights of the same shapes. */
  replaceOperands(output: string, operands: readonly Operand[]): void {
    const found = this.byOutput.get(output);
    if (found) this.byOutput.set(output, { ...found, operands });
  }

  /** Notes that the file scales or shifts a value. */
  markScaled(value: string): void {
    this.scaled.add(value);
  }

  isScaled(value: string): boolean {
    return this.scaled.has(value);
  }

  /** A name that no value has, neither here nor in the file. */
  uniqueName(base: string): string {
    let name = base;
    for (let count = 1; this.taken.has(name); count += 1) name = `${base}_${count}`;
    this.taken.add(name);
    return name;
  }

  /** The nodes that a value is made of, in an order in which they can run. */
  nodesFor(output: string): readonly DraftNode[] {
    const needed = new Set([output]);
    const nodes = [...this.byOutput.values()].reverse().filter(({ node, operands }) => {
      if (!needed.has(node.output)) return false;
      for (const operand of operands) if (typeof operand === 'string') needed.add(operand);
      return true;
    });
    return nodes.reverse();
  }

  /** As core does for a whole network: attributes are checked, then shapes. */
  private inferShape(node: Node, operands: readonly Operand[]): Shape {
    const names = new Set<string>();
    const inputs = node.inputs.map((given) => {
      let name: string = given;
      while (names.has(name)) name = `${name}'`;
      names.add(name);
      return name;
    });
    const [first] = operands;
    const shape = typeof first === 'string' ? this.shapes.get(first) : undefined;
    const graph = parseGraph({
      name: node.name,
      input: { name: inputs[0], shape: shape ?? [] },
      parameters: operands.slice(1).map((operand, index) => ({
        name: inputs[index + 1],
        shape: typeof operand === 'string' ? [] : operand.shape,
        initializer: { kind: 'constant', value: 0 },
      })),
      nodes: [{ ...node, inputs }],
      output: node.output,
    });
    return (inferShapes(graph).get(node.output) ?? []).slice(1);
  }
}
