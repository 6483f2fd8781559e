import type { Graph, Node, OpName } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import type { Shape, Weights } from '../tensor.ts';

/** Where two networks differ; layers are the same if they have the same name. */
export interface GraphComparison {
  /** Whether the networks compute the same with the same weights: nothing is listed below. */
  readonly isSame: boolean;
  /** Shape of the input of each, without the batch; `null` if it is the same. */
  readonly input: { readonly a: Shape; readonly b: Shape } | null;
  /** Layers that the other does not have, in their order. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  /** Layers of both that are not the same, in the order of the first. */
  readonly changed: readonly ChangedLayer[];
}

export interface ChangedLayer {
  readonly name: string;
  readonly differences: readonly Difference[];
}

export interface Difference {
  /**
   * `op`, `inputs` (names of the layers that are read), an attribute (`pads`), the shape of a parameter
   * (`weight`), or `outputShape`.
   */
  readonly field: string;
  /** `undefined` where it has none. */
  readonly a: unknown;
  readonly b: unknown;
}

/** What the operands behind the first one are called. */
const ROLES: Readonly<Record<OpName, readonly string[]>> = {
  AdaptiveAveragePool: [],
  AveragePool: [],
  BatchNormalization: ['scale', 'bias', 'mean', 'variance'],
  Conv: ['weight', 'bias'],
  Dropout: [],
  Flatten: [],
  Gemm: ['weight', 'bias'],
  LRN: [],
  MaxPool: [],
  Relu: [],
  Softmax: [],
  SpatialLRN: [],
  Tanh: [],
};

/**
 * Compares two networks layer by layer: which layers one of them lacks, and how the others differ in op,
 * attributes, shapes and what they read. Names of values and of parameters mean nothing, as other programs
 * number them.
 */
export function compareGraphs(a: Graph, b: Graph): GraphComparison {
  const ofA = describeLayers(a);
  const ofB = describeLayers(b);
  const input = isEqual(a.input.shape, b.input.shape)
    ? null
    : { a: a.input.shape, b: b.input.shape };
  const onlyInA = [...ofA.keys()].filter((name) => !ofB.has(name));
  const onlyInB = [...ofB.keys()].filter((name) => !ofA.has(name));
  const changed = [...ofA].flatMap(([name, layer]): readonly ChangedLayer[] => {
    const other = ofB.get(name);
    const differences = other ? compareLayers(layer, other) : [];
    return differences.length > 0 ? [{ name, differences }] : [];
  });
  const isSame = !input && onlyInA.length === 0 && onlyInB.length === 0 && changed.length === 0;
  return { isSame, input, onlyInA, onlyInB, changed };
}

/** What is compared of a layer, by the names of {@link Difference.field}. */
interface Layer {
  readonly op: OpName;
  readonly fields: ReadonlyMap<string, unknown>;
}

function describeLayers(graph: Graph): ReadonlyMap<string, Layer> {
  const shapes = inferShapes(graph);
  const makers = new Map(graph.nodes.map(({ name, output }) => [output, name]));
  const parameters = new Set(graph.parameters.map(({ name }) => name));
  return new Map(
    graph.nodes.map(({ op, name, inputs, output, attributes }: Node) => {
      const values = inputs.filter((input) => !parameters.has(input));
      const fields: readonly (readonly [string, unknown])[] = [
        ['inputs', values.map((input) => makers.get(input) ?? 'input')],
        ...Object.entries(attributes),
        ...ROLES[op].map((role, index) => [role, shapes.get(inputs[index + 1] ?? '')] as const),
        ['outputShape', shapes.get(output)],
      ];
      return [name, { op, fields: new Map(fields) }];
    }),
  );
}

function compareLayers(a: Layer, b: Layer): readonly Difference[] {
  const isOtherOp = a.op !== b.op;
  // Ops of two kinds have attributes of two kinds: listing them all would say the same many times.
  const names = isOtherOp
    ? ['inputs', 'outputShape']
    : [...new Set([...a.fields.keys(), ...b.fields.keys()])];
  const differences = names
    .map((field) => ({ field, a: a.fields.get(field), b: b.fields.get(field) }))
    .filter((difference) => !isEqual(difference.a, difference.b));
  return isOtherOp ? [{ field: 'op', a: a.op, b: b.op }, ...differences] : differences;
}

/** Of plain data whose fields stand in the same order. */
function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A parameter that both networks have. */
export interface WeightComparison {
  /** Its name in the first network. */
  readonly name: string;
  /**
   * The largest difference of two numbers; `null` where the shapes differ, or where one of the two is not a
   * number.
   */
  readonly maxAbsoluteDifference: number | null;
}

interface WeightedGraph {
  readonly graph: Graph;
  readonly weights: Weights;
}

/** Compares the weights that layers of the same name and op read in the same place. */
export function compareWeights(a: WeightedGraph, b: WeightedGraph): readonly WeightComparison[] {
  const others = new Map(b.graph.nodes.map((node) => [`${node.op} ${node.name}`, node]));
  return a.graph.nodes.flatMap((node) => {
    const other = others.get(`${node.op} ${node.name}`);
    return ROLES[node.op].flatMap((_role, index) => {
      const name = node.inputs[index + 1] ?? '';
      const mine = a.weights.get(name);
      const theirs = b.weights.get(other?.inputs[index + 1] ?? '');
      if (!mine || !theirs) return [];
      const maxAbsoluteDifference = isEqual(mine.shape, theirs.shape)
        ? maxDifference(mine.data, theirs.data)
        : null;
      return [{ name, maxAbsoluteDifference }];
    });
  });
}

function maxDifference(a: Float32Array, b: Float32Array): number | null {
  let largest = 0;
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? Number.NaN;
    if (value === other) continue;
    const difference = Math.abs(value - other);
    if (!Number.isFinite(difference)) return null;
    if (difference > largest) largest = difference;
  }
  return largest;
}
