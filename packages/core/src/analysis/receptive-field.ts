import type { Graph, Node, NodeOf, OpName } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { adaptiveWindow } from '../ops/adaptive-average-pool.ts';
import type { WindowAttributes } from '../ops/window.ts';

/**
 * The part of the picture that one element of a value depends on, in input pixels, [down, across]. Padding
 * counts as picture: a field may reach beyond the border.
 */
export interface ReceptiveField {
  readonly size: readonly [number, number];
  /**
   * Between the centres of neighbouring elements; 0 where all elements see the same. A fraction is a mean:
   * the windows of an adaptive pool need not lie evenly.
   */
  readonly stride: readonly [number, number];
  /** Centre of the first element's field. The centre of the first pixel is 0. */
  readonly offset: readonly [number, number];
}

/**
 * The receptive field of every value that depends on the picture, by name.
 *
 * A window of k at stride s and padding p, over elements with field r, distance j and first centre c:
 *
 *   r' = r + (k − 1) · j,   j' = j · s,   c' = c + ((k − 1) / 2 − p) · j
 *
 * A fully connected layer sees all that its input sees. Where paths meet, the largest field over them counts.
 *
 * @returns nothing if the graph's input is no picture [C, H, W]
 * @see Araujo, Norris, Sim 2019, "Computing receptive fields of convolutional neural networks"
 *
 * @example
 * inferReceptiveFields(createNetwork('caffe-alexnet').graph).get('pool5')
 * // { size: [ 195, 195 ], stride: [ 32, 32 ], offset: [ 33, 33 ] }
 */
export function inferReceptiveFields(graph: Graph): ReadonlyMap<string, ReceptiveField> {
  const [down, across] = AXES.map((axis) => followAxis(graph, axis));
  const fields = new Map<string, ReceptiveField>();
  for (const [name, { size, stride, offset }] of down ?? []) {
    const other = across?.get(name);
    if (!other) continue;
    fields.set(name, {
      size: [size, other.size],
      stride: [stride, other.stride],
      offset: [offset, other.offset],
    });
  }
  return fields;
}

/** 0 is down, 1 is across. */
type AxisIndex = 0 | 1;
const AXES: readonly AxisIndex[] = [0, 1];

/** A value along one axis of the picture. */
interface Axis {
  /** Of one element's field. */
  readonly size: number;
  readonly stride: number;
  readonly offset: number;
  /** Elements along the axis; 1 for a value without one. */
  readonly length: number;
  /** First and last pixel that any of the elements sees. */
  readonly seen: readonly [first: number, last: number];
}

/** Every value that depends on the picture, along one of the picture's axes. */
function followAxis(graph: Graph, index: AxisIndex): ReadonlyMap<string, Axis> {
  const { input, nodes } = graph;
  const pixels = input.shape[index + 1];
  if (input.shape.length !== 3 || pixels === undefined) return new Map();
  const shapes = inferShapes(graph);
  const values = new Map<string, Axis>([
    [input.name, { size: 1, stride: 1, offset: 0, length: pixels, seen: [0, pixels - 1] }],
  ]);
  for (const node of nodes) {
    const operands = node.inputs.flatMap((name) => values.get(name) ?? []);
    const [first, ...others] = operands;
    if (!first) continue;
    const length = shapes.get(node.output)?.[index + 2] ?? 1;
    values.set(node.output, ruleOf(node)(others.reduce(unite, first), node, { index, length }));
  }
  return values;
}

/** How an op changes what its elements see. */
type Rule<N> = (
  axis: Axis,
  node: N,
  result: { readonly index: AxisIndex; readonly length: number },
) => Axis;

const rules: { readonly [Op in OpName]: Rule<NodeOf<Op>> } = {
  AdaptiveAveragePool: (axis, _node, { length }) => spread(axis, length),
  AveragePool: slide,
  BatchNormalization: keep,
  Conv: slide,
  Dropout: keep,
  Flatten: keep,
  Gemm: gather,
  LRN: keep,
  MaxPool: slide,
  Relu: keep,
  Softmax: gather,
  SpatialLRN: (axis, { attributes: { size } }, { length }) =>
    widen(axis, { kernel: size, stride: 1, padding: Math.floor((size - 1) / 2), length }),
  Tanh: keep,
};

/** The rule of a node's op: the table guarantees that they belong together. */
function ruleOf(node: Node): Rule<Node> {
  const rule: unknown = rules[node.op];
  return rule as Rule<Node>;
}

/** Each element sees what one element of the operand sees. */
function keep(axis: Axis): Axis {
  return axis;
}

/** Each element sees what all elements of the operand see. */
function gather(axis: Axis): Axis {
  const [first, last] = axis.seen;
  return { ...axis, size: last - first + 1, stride: 0, offset: (first + last) / 2, length: 1 };
}

function slide(
  axis: Axis,
  { attributes }: { readonly attributes: WindowAttributes },
  { index, length }: { readonly index: AxisIndex; readonly length: number },
): Axis {
  const { kernelShape, strides, pads } = attributes;
  return widen(axis, {
    kernel: kernelShape[index],
    stride: strides[index],
    padding: pads[index],
    length,
  });
}

/** Each element sees what the operand's elements in a window see. */
function widen(
  axis: Axis,
  window: { kernel: number; stride: number; padding: number; length: number },
): Axis {
  const size = axis.size + (window.kernel - 1) * axis.stride;
  const stride = axis.stride * window.stride;
  const offset = axis.offset + ((window.kernel - 1) / 2 - window.padding) * axis.stride;
  const first = offset - (size - 1) / 2;
  const last = first + (window.length - 1) * stride + size - 1;
  return { size, stride, offset, length: window.length, seen: [first, last] };
}

/** Windows that cover the whole axis, as many as are wanted; the widest of them counts. */
function spread(axis: Axis, length: number): Axis {
  const [begin, end] = adaptiveWindow(0, length, axis.length);
  const widest = widestAdaptiveWindow(length, axis.length);
  return {
    size: axis.size + (widest - 1) * axis.stride,
    stride: (axis.stride * axis.length) / length,
    offset: axis.offset + ((begin + end - 1) / 2) * axis.stride,
    length,
    seen: axis.seen,
  };
}

/**
 * With length = q · count + r, windows begin at multiples of r / count beyond q a step: each is q wide where
 * r is 0, else q + 1, and one more where a window both begins and ends within a pixel, which happens where
 * r is no divisor of count.
 */
function widestAdaptiveWindow(count: number, length: number): number {
  const rest = length % count;
  const whole = (length - rest) / count;
  if (rest === 0) return whole;
  return whole + (count % rest === 0 ? 1 : 2);
}

/** Where two paths meet: the field that holds both. */
function unite(a: Axis, b: Axis): Axis {
  const first = Math.min(a.offset - (a.size - 1) / 2, b.offset - (b.size - 1) / 2);
  const last = Math.max(a.offset + (a.size - 1) / 2, b.offset + (b.size - 1) / 2);
  return {
    size: last - first + 1,
    stride: Math.max(a.stride, b.stride),
    offset: (first + last) / 2,
    length: Math.max(a.length, b.length),
    seen: [Math.min(a.seen[0], b.seen[0]), Math.max(a.seen[1], b.seen[1])],
  };
}
