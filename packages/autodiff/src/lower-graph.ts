import { type Graph, invariant, type Node, type NodeOf, type Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import type { ConvolutionRecipe, LayerRecipes } from './ops/convolution-recipe.ts';
import { lowerings } from './ops/index.ts';
import type { Lowered, LoweringContext, OpLowering, PartGradient } from './ops/op-lowering.ts';
import type { RowPart } from './row-parts.ts';

export interface LowerGraphOptions {
  readonly builder: OnnxBuilder;
  /** Of every value and parameter, from `inferShapes`. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** The model's values for the graph's input and parameters, by their names in the graph. */
  readonly operands: ReadonlyMap<string, Value>;
  /** The parameters to differentiate by; empty for inference. */
  readonly trainable: ReadonlySet<string>;
  readonly addMask: LoweringContext['addMask'];
  readonly batchStatistics: LoweringContext['batchStatistics'];
  readonly blockedChannels: number | null;
  readonly convolutions: ConvolutionRecipe | LayerRecipes;
  readonly poolIndices: boolean;
  /** Of the parameters that come in parts. */
  readonly rowParts: ReadonlyMap<string, readonly RowPart[]>;
}

export interface LoweredGraph {
  readonly output: Value;
  /**
   * Adds the backward pass.
   *
   * @param dOutput - gradient of the loss with respect to the output
   * @returns a gradient for every trainable parameter
   */
  differentiate(dOutput: Value): ReadonlyMap<string, ParameterGradient>;
}

/** The gradient of a parameter, whole or in the parts that it comes in. */
export type ParameterGradient = WholeGradient | { readonly parts: readonly PartGradient[] };

export interface WholeGradient {
  readonly value: Value;
  /**
   * Gradients of layers' inputs that may have been computed from the parameter. `value` does not depend on
   * them: whoever overwrites the parameter must wait for them too.
   */
  readonly readers: readonly Value[];
}

/** A node whose output the trainable parameters have a part in. */
interface DifferentiatedStep {
  readonly node: Node;
  readonly lowered: Lowered<readonly string[]>;
}

/** Adds the forward pass of every node that `graph.output` depends on. */
export function lowerGraph(graph: Graph, options: LowerGraphOptions): LoweredGraph {
  const { builder, shapes, trainable, addMask, batchStatistics, rowParts } = options;
  const { blockedChannels, convolutions, poolIndices } = options;
  const values = new Map(options.operands);
  const differentiated = selectDifferentiated(graph, trainable);
  const steps: DifferentiatedStep[] = [];
  for (const node of selectAncestors(graph)) {
    const isDifferentiated = differentiated.has(node.output);
    const context: LoweringContext = {
      builder,
      shapeOf: (name) => get(shapes, name),
      addMask,
      batchStatistics,
      rowPartsOf: (parameter) => rowParts.get(parameter) ?? null,
      blockedChannels,
      convolutions,
      poolIndices,
      isDifferentiated,
    };
    const operands = node.inputs.map((input) => get(values, input));
    const lowered = builder.scope(node.name, () => loweringOf(node).lower(context, node, operands));
    values.set(node.output, lowered.output);
    if (isDifferentiated) steps.push({ node, lowered });
  }
  return {
    output: get(values, graph.output),
    differentiate: (dOutput) => {
      const backward = createBackwardPass(builder, trainable, differentiated);
      backward.add(graph.output, dOutput);
      for (const step of steps.toReversed()) backward.step(step);
      return backward.parameterGradients();
    },
  };
}

interface BackwardPass {
  /** Adds to the gradient of a value. */
  add(name: string, gradient: Value): void;
  /** Goes from a node's output to its operands; all who read the output must have been there. */
  step(step: DifferentiatedStep): void;
  parameterGradients(): ReadonlyMap<string, ParameterGradient>;
}

function createBackwardPass(
  builder: OnnxBuilder,
  trainable: ReadonlySet<string>,
  differentiated: ReadonlySet<string>,
): BackwardPass {
  const terms = new Map<string, readonly Value[]>();
  const parts = new Map<string, readonly PartGradient[]>();
  const readers = new Map<string, readonly Value[]>();
  const add = (name: string, gradient: Value) => {
    terms.set(name, [...(terms.get(name) ?? []), gradient]);
  };
  /** A value that several nodes read gets the sum of their gradients. */
  const gradientOf = (name: string): Value => {
    const [first, ...others] = terms.get(name) ?? [];
    invariant(first !== undefined, `"${name}" has no gradient`);
    return others.length === 0 ? first : builder.op('Sum', [first, ...others]);
  };
  return {
    add,
    step: ({ node, lowered }) => {
      builder.scope(`${node.name}/gradient`, () => {
        const isWanted = node.inputs.map((input) => differentiated.has(input));
        const results = lowered.backward(gradientOf(node.output), isWanted);
        const ofValues: Value[] = [];
        for (const [i, input] of node.inputs.entries()) {
          const result = results[i] ?? null;
          if (result === null) continue;
          if (typeof result !== 'string') {
            parts.set(input, result);
            continue;
          }
          add(input, result);
          if (!trainable.has(input)) ofValues.push(result);
        }
        for (const input of new Set(node.inputs)) {
          if (!trainable.has(input)) continue;
          readers.set(input, [...(readers.get(input) ?? []), ...ofValues]);
        }
      });
    },
    parameterGradients: () =>
      new Map(
        [...trainable].map((name): [string, ParameterGradient] => {
          const ofParts = parts.get(name);
          if (ofParts) return [name, { parts: ofParts }];
          const value = builder.scope(`${name}/gradient`, () => gradientOf(name));
          return [name, { value, readers: readers.get(name) ?? [] }];
        }),
      ),
  };
}

/** The nodes that the output depends on, in their order. */
export function selectAncestors(graph: Graph): readonly Node[] {
  const needed = new Set([graph.output]);
  return graph.nodes
    .toReversed()
    .filter((node) => {
      if (!needed.has(node.output)) return false;
      for (const input of node.inputs) needed.add(input);
      return true;
    })
    .reverse();
}

/** The trainable parameters, and the values that they have a part in: what is differentiated by. */
export function selectDifferentiated(
  graph: Graph,
  trainable: Iterable<string>,
): ReadonlySet<string> {
  const differentiated = new Set(trainable);
  for (const node of selectAncestors(graph)) {
    if (node.inputs.some((input) => differentiated.has(input))) differentiated.add(node.output);
  }
  return differentiated;
}

/** An op's lowering, seen as one that takes any node: the table guarantees that they belong together. */
function loweringOf(node: Node): OpLowering<WidenedNode> {
  const lowering: unknown = lowerings[node.op];
  return lowering as OpLowering<WidenedNode>;
}

/** A node whose number of operands is not known by type. */
type WidenedNode = { readonly inputs: readonly string[] } & Pick<NodeOf<Node['op']>, 'op' | 'name'>;

function get<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  invariant(value !== undefined, `"${name}" is not known`);
  return value;
}
