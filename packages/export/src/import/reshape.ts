import { batchOf, type Constant, integersOf } from './constant.ts';
import type { ImportContext, NodeReader } from './context.ts';
import { attributesOf, type OnnxGraphNode } from './graph-node.ts';
import { refuse } from './refusal.ts';
import type { Activation, Divisor, Value } from './value.ts';
import {
  type Axis,
  extentsOf,
  lengthOf,
  reshapeView,
  resolveExtents,
  transposeView,
  type View,
} from './view.ts';

// Operators that move no numbers: they give a value another view, and Flatten an op of the IR where the file
// goes over from pictures to features.

/** Longest list of axes; a picture has four. */
const MAX_RANK = 8;

export const readReshape: NodeReader = (node, [x, shape], context) => {
  if (!isViewed(x)) return undefined;
  const attributes = attributesOf(node);
  attributes.ignore('consumed_inputs');
  const keepsZero = attributes.flag('allowzero');
  const target = targetOf(node, shape, attributes.optionalIntegers('shape'));
  attributes.checkAllRead();
  const { fixedBatch } = context;
  const extents = resolveExtents(x.view, target, { fixedBatch, keepsZero });
  const view = extents && reshapeView(x.view, extents);
  if (view) return giveView(x, view, node, context);
  throw refuse(
    node,
    `turns ${describeView(x.view)} into [${target.map(describeLength).join(', ')}]`,
    'What is read keeps the pictures of a batch apart, and the order of their numbers.',
  );
};

export const readFlatten: NodeReader = (node, [x], context) => {
  if (!isViewed(x)) return undefined;
  const attributes = attributesOf(node);
  const axis = attributes.integer('axis', 1);
  attributes.checkAllRead();
  if (axis !== 1 && axis + x.view.length !== 1) throw refuse(node, `has axis = ${axis}`);
  const count = x.view.slice(1).reduce((product, inner) => product * lengthOf(inner), 1);
  const view = reshapeView(x.view, [...extentsOf(x.view.slice(0, 1)), { count, isBatch: false }]);
  if (!view) throw refuse(node, `flattens ${describeView(x.view)}`);
  if (x.kind === 'activation' && context.isOwn) return addFlatten(x, view, node, context);
  return giveView(x, view, node, context);
};

export const readSqueeze: NodeReader = (node, [x, list], context) => {
  if (!isViewed(x)) return undefined;
  const attributes = attributesOf(node);
  const given = axesOf(node, list, attributes.optionalIntegers('axes'), x.view.length);
  attributes.checkAllRead();
  const isSingle = (axis: Axis) => axis.length === 0;
  if (!given && context.fixedBatch === 1) {
    throw refuse(node, 'takes every axis of length 1 away, the batch too', 'Give it "axes".');
  }
  const axes = given ?? x.view.flatMap((axis, index) => (isSingle(axis) ? [index] : []));
  if (axes.some((axis) => !isSingle(x.view[axis] ?? ['batch']))) {
    throw refuse(node, `takes the axes ${axes.join(', ')} of ${describeView(x.view)} away`);
  }
  return giveView(
    x,
    x.view.filter((_, index) => !axes.includes(index)),
    node,
    context,
  );
};

export const readUnsqueeze: NodeReader = (node, [x, list], context) => {
  if (!isViewed(x)) return undefined;
  const attributes = attributesOf(node);
  const given = attributes.optionalIntegers('axes');
  attributes.checkAllRead();
  const count = (given ?? (list?.kind === 'constant' ? integersOf(list) : undefined) ?? []).length;
  const rank = x.view.length + count;
  const axes = axesOf(node, list, given, rank);
  if (!axes || rank > MAX_RANK) throw refuse(node, 'has no axes that could be read');
  const rest = [...x.view];
  const view = Array.from({ length: rank }, (_, index): Axis => {
    return axes.includes(index) ? [] : (rest.shift() ?? []);
  });
  return giveView(x, view, node, context);
};

export const readTranspose: NodeReader = (node, [x], context) => {
  if (!isViewed(x)) return undefined;
  const attributes = attributesOf(node);
  const reversed = x.view.map((_, index) => x.view.length - 1 - index);
  const order = attributes.optionalIntegers('perm') ?? reversed;
  attributes.checkAllRead();
  const view = transposeView(x.view, order);
  if (!view) throw refuse(node, `has perm = ${order.join(',')}, not an order of its axes`);
  if (x.kind === 'activation') return { ...x, view, owner: passOwner(x, node, context) };
  return giveView(x, view, node, context);
};

function isViewed(x: Value | undefined): x is Activation | Divisor {
  return x?.kind === 'activation' || x?.kind === 'divisor';
}

/** The same value under another name and view; behind a Flatten of the IR where pictures become features. */
export function giveView(
  x: Activation | Divisor,
  view: View,
  node: OnnxGraphNode,
  context: ImportContext,
): Value {
  if (x.kind === 'divisor') {
    if (x.padding.length > 0) throw refuse(node, 'comes between zeros and the window they are for');
    return { ...x, view };
  }
  const [first] = view;
  const isFeatures = view.length === 2 && first?.length === 1 && first[0] === 'batch';
  if (isFeatures && x.shape.length > 1) return addFlatten(x, view, node, context);
  if (x.padding) throw refuse(node, 'comes between zeros and the window they are for');
  return { ...x, view, owner: passOwner(x, node, context) };
}

/** The name that alone stands for a value behind a node that changes nothing about it. */
export function passOwner(
  x: Activation,
  node: OnnxGraphNode,
  context: ImportContext,
): string | null {
  const input = node.inputs[0] ?? '';
  const isOnly = x.owner === input && context.countUses(input) === 1;
  return isOnly ? (node.outputs[0] ?? null) : null;
}

function addFlatten(
  x: Activation,
  view: View,
  node: OnnxGraphNode,
  { draft }: ImportContext,
): Activation {
  if (x.padding) throw refuse(node, 'comes between zeros and the window they are for');
  const output = node.outputs[0] ?? '';
  const added = draft.add(
    { op: 'Flatten', name: node.name, inputs: [x.value], output, attributes: {} },
    [x.value],
  );
  return { ...added, view, ...(x.affine ? { affine: x.affine } : {}) };
}

function targetOf(
  node: OnnxGraphNode,
  shape: Value | undefined,
  attribute: readonly number[] | undefined,
): readonly { readonly count: number; readonly batch: number }[] {
  if (attribute) return attribute.map((count) => ({ count, batch: 0 }));
  if (shape?.kind === 'unreadable') throw shape.error;
  if (shape?.kind !== 'constant' || shape.type !== 'integer' || shape.data.length > MAX_RANK) {
    throw refuse(node, 'has a shape that is not known before a run');
  }
  const { data, batch } = shape;
  return Array.from(data, (count, index) => ({ count, batch: batch?.[index] ?? 0 }));
}

/** Axes from 0, given as an attribute or, in newer operator sets, as an operand; undefined where there are none. */
export function axesOf(
  node: OnnxGraphNode,
  list: Value | undefined,
  attribute: readonly number[] | undefined,
  rank: number,
): readonly number[] | undefined {
  if (!list && !attribute) return undefined;
  const axes = attribute ?? (list?.kind === 'constant' ? integersOf(list) : undefined);
  if (!axes) throw refuse(node, 'has axes that are not known before a run');
  const counted = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  if (counted.every((axis) => axis >= 0 && axis < rank)) return counted;
  throw refuse(node, `has axes ${axes.join(', ')}, but its input has ${rank}`);
}

/** As errors write it: `[N, 55, 55, 96]`. */
export function describeView(view: View): string {
  const lengths = extentsOf(view).map(({ count, isBatch }) => {
    if (!isBatch) return String(count);
    return count === 1 ? 'N' : `${count}·N`;
  });
  return `[${lengths.join(', ')}]`;
}

function describeLength({ count, batch }: { readonly count: number; readonly batch: number }) {
  if (batch === 0) return String(count);
  return `${batch === 1 ? '' : `${batch}·`}N${count === 0 ? '' : ` + ${count}`}`;
}

/** The shape of a value, as far as it is known: the batch stays open. */
export const readShape: NodeReader = (node, [x]): Constant | undefined => {
  if (!isViewed(x)) return undefined;
  const attributes = attributesOf(node);
  const rank = x.view.length;
  const start = attributes.integer('start', 0);
  const end = attributes.integer('end', rank);
  attributes.checkAllRead();
  const extents = extentsOf(paddedView(x)).slice(start, end);
  const data = extents.map(({ count, isBatch }) => (isBatch ? 0 : count));
  const batch = extents.map(({ count, isBatch }) => (isBatch ? count : 0));
  return {
    kind: 'constant',
    type: 'integer',
    shape: [extents.length],
    data: Float64Array.from(data),
    ...batchOf(Float64Array.from(batch)),
  };
};

/** For its lengths alone: zeros that a file puts around a value count. */
function paddedView(x: Activation | Divisor): View {
  const added = x.kind === 'divisor' ? x.padding.map(({ begin, end }) => begin + end) : frame(x);
  return x.view.map((axis, index) => {
    const more = added[index] ?? 0;
    return more === 0 ? axis : [{ length: lengthOf(axis) + more, stride: Number.NaN }];
  });
}

function frame({ padding }: Activation): readonly number[] {
  const [top, left, bottom, right] = padding?.pads ?? [0, 0, 0, 0];
  return [0, 0, top + bottom, left + right];
}
