import { isSameShape } from '@alexnet/core';
import { makeAttributeProto } from '../attribute.ts';
import type { AttributeProto } from '../proto/messages.ts';
import { type Constant, integersOf } from './constant.ts';
import type { ImportContext, NodeReader } from './context.ts';
import { attributesOf, type OnnxGraphNode } from './graph-node.ts';
import { concatenate, resolveRange } from './rearrange.ts';
import { refuse } from './refusal.ts';
import { axesOf } from './reshape.ts';
import type { Activation, Joined, Origin, Part, Value } from './value.ts';
import { isSameAxis, isSameView, lengthOf, reshapeView, viewOf } from './view.ts';

// Groups of a convolution, spelled out: the channels are split, each part has its own layers, and a Concat joins
// what comes out. Frameworks without grouped convolutions write AlexNet so. Where the towers are alike, layer by
// layer, they are one network whose convolutions have groups.

/** Layers that towers may have; more would not be a network of ours. */
const MAX_TOWER_LAYERS = 100;

export const readSplit: NodeReader = (node, [x, sizes]) => {
  if (x?.kind !== 'activation') return undefined;
  const attributes = attributesOf(node);
  const axis = attributes.integer('axis', 0);
  const attribute = attributes.optionalIntegers('split');
  attributes.ignore('num_outputs');
  attributes.checkAllRead();
  const channels = channelsAlong(x, axis, node);
  const given = attribute ?? (sizes?.kind === 'constant' ? integersOf(sizes) : undefined);
  if (sizes && !given) throw refuse(node, 'splits into sizes that are not known before a run');
  const equal = Math.ceil(channels / node.outputs.length);
  let begin = 0;
  return node.outputs.map((_, index): Part => {
    const end = Math.min(begin + (given?.[index] ?? equal), channels);
    const part: Part = { kind: 'part', of: x, begin, end };
    begin = end;
    return part;
  });
};

/** Slice: one part by itself. Other axes may be cut as well, if all of them is left. */
export const readSlice: NodeReader = (node, [x, ...lists]) => {
  if (x?.kind !== 'activation') return undefined;
  const attributes = attributesOf(node);
  const list = (index: number, name: string) => {
    const given = lists[index];
    if (!given) return attributes.optionalIntegers(name);
    return given.kind === 'constant' ? integersOf(given) : undefined;
  };
  const [starts, ends, axes, steps] = SLICE_LISTS.map((name, index) => list(index, name));
  attributes.checkAllRead();
  const places = starts?.map((_, index) => index) ?? [];
  const cuts = places.map((index) => {
    const [start = 0, end = 0, step = 1] = [starts?.[index], ends?.[index], steps?.[index]];
    const [axis = 0] = axesOf(node, undefined, [axes?.[index] ?? index], x.view.length) ?? [];
    const own = x.view[axis] ?? [];
    // The batch has any length: all of it is what ends at no number of pictures.
    const length = own.includes('batch') ? Number.MAX_SAFE_INTEGER : lengthOf(own);
    const range = resolveRange(axis, length, {
      start,
      end: end >= 2 ** 31 - 1 ? length : end,
      step,
    });
    if (!range || step !== 1 || ends === undefined) throw refuse(node, 'cuts in steps');
    return { ...range, isWhole: range.start === 0 && range.count === length };
  });
  const [cut, ...more] = cuts.filter(({ isWhole }) => !isWhole);
  if (!cut) return x;
  if (more.length > 0) throw refuse(node, 'cuts in another way than between channels');
  channelsAlong(x, cut.axis, node);
  return { kind: 'part', of: x, begin: cut.start, end: cut.start + cut.count };
};

const SLICE_LISTS = ['starts', 'ends', 'axes', 'steps'] as const;

function channelsAlong(x: Activation, axis: number, node: OnnxGraphNode): number {
  const [along = 0] = axesOf(node, undefined, [axis], x.view.length) ?? [];
  const [, channels = []] = viewOf(x.shape);
  if (x.shape.length !== 3 || !isSameAxis(x.view[along] ?? [], channels)) {
    throw refuse(node, `cuts along axis ${axis}; only the channels of pictures can be`);
  }
  return x.shape[0] ?? 0;
}

export const readConcat: NodeReader = (node, values, context) => {
  const attributes = attributesOf(node);
  const axis = attributes.integer('axis', 1);
  attributes.checkAllRead();
  const joined = values.every((value) => value !== undefined)
    ? join(values, node, { context, depth: 0 })
    : undefined;
  if (!joined || joined.isShared) {
    const unread = values.find((value) => value?.kind === 'unreadable');
    if (unread?.kind === 'unreadable') throw unread.error;
    throw refuse(
      node,
      'joins values that are not towers of the same layers',
      'Towers have the same operators with the same attributes, from a Split or from one value to the Concat.',
    );
  }
  const { value } = joined;
  const [, channels = []] = viewOf(value.shape);
  const [along = 0] = axesOf(node, undefined, [axis], value.view.length) ?? [];
  if (!isSameAxis(value.view[along] ?? [], channels))
    throw refuse(node, `joins along axis ${axis}`);
  return { ...value, owner: node.outputs[0] ?? null };
};

interface Place {
  readonly context: ImportContext;
  readonly depth: number;
}

/** The value that towers make together; undefined where they are not alike. */
function join(values: readonly Value[], node: OnnxGraphNode, place: Place): Joined | undefined {
  const [first] = values;
  if (!first || place.depth > MAX_TOWER_LAYERS) return undefined;
  if (first.kind === 'activation' && values.every((value) => isSameValue(value, first))) {
    return { value: first, isShared: true };
  }
  if (first.kind === 'part') return joinParts(values);
  if (values.some((value) => value.kind === 'constant' || !value.origin)) return undefined;
  const { joins } = place.context;
  const done = joins.get(first);
  if (done?.values.every((value, index) => value === values[index])) return done.joined;
  const joined = joinLayers(values, node, place);
  joins.set(first, { values, joined });
  return joined;
}

function isSameValue(value: Value, other: Activation): boolean {
  return (
    value.kind === 'activation' && value.value === other.value && isSameView(value.view, other.view)
  );
}

function joinParts(values: readonly Value[]): Joined | undefined {
  let place = 0;
  let of: Activation | undefined;
  for (const value of values) {
    if (value.kind !== 'part' || value.begin !== place || (of && value.of.value !== of.value)) {
      return undefined;
    }
    of = value.of;
    place = value.end;
  }
  return of && place === of.shape[0] ? { value: of, isShared: false } : undefined;
}

/** Operators that towers may be made of, and how many of their operands grow with the channels. */
const TOWER_OPS: Readonly<Record<string, number>> = {
  Conv: 2,
  BatchNormalization: 4,
  Relu: 0,
  Tanh: 0,
  MaxPool: 0,
  AveragePool: 0,
  Dropout: 0,
  LRN: 0,
  Identity: 0,
  Transpose: 0,
  Pad: 0,
};

function joinLayers(
  values: readonly Value[],
  concat: OnnxGraphNode,
  { context, depth }: Place,
): Joined | undefined {
  const origins = values.flatMap((value) => (value.kind !== 'constant' && value.origin) || []);
  const [first] = origins;
  if (!first || !origins.every((origin) => isAlike(origin.node, first.node))) return undefined;
  const sources = origins.flatMap(({ inputs }) => inputs[0] ?? []);
  if (sources.length !== values.length) return undefined;
  const joined = join(sources, concat, { context, depth: depth + 1 });
  const weights = joinOperands(origins, joined?.isShared ?? false, context);
  if (!joined || !weights) return undefined;
  const { opType } = first.node;
  const isConv = opType === 'Conv';
  const isNormal = opType === 'LRN' && !joined.isShared;
  const x = isNormal ? inGroups(joined.value, values.length) : joined.value;
  if (!x) return undefined;
  const output = context.draft.uniqueName(`${concat.outputs[0] ?? ''}/${first.node.name}`);
  const layer: OnnxGraphNode = {
    ...first.node,
    inputs: [x.value, ...first.node.inputs.slice(1)],
    outputs: [depth === 0 ? (concat.outputs[0] ?? output) : output],
    attributes: isConv
      ? withGroups(first.node, joined.isShared ? 1 : values.length)
      : first.node.attributes,
  };
  const [value] = context.read(layer, [x, ...weights]);
  if (value?.kind === 'unreadable') throw value.error;
  if (value?.kind !== 'activation') return undefined;
  const seen = isNormal ? { ...value, view: joined.value.view } : value;
  return { value: seen, isShared: joined.isShared && !isConv };
}

/** The operands behind the first: those that grow with the channels, one behind the other; the others once. */
function joinOperands(
  origins: readonly Origin[],
  isShared: boolean,
  { budget }: ImportContext,
): readonly (Value | undefined)[] | undefined {
  const [first] = origins;
  const { opType = '' } = first?.node ?? {};
  const growing = Object.hasOwn(TOWER_OPS, opType) ? TOWER_OPS[opType] : undefined;
  if (!first || growing === undefined || (isShared && growing > 0 && opType !== 'Conv')) {
    return undefined;
  }
  const operands = first.inputs.slice(1).map((operand, index) => {
    const parts = origins.flatMap(({ inputs }) => {
      const part = inputs[index + 1];
      return part?.kind === 'constant' ? [part] : [];
    });
    if (!operand && parts.length === 0) return 'absent';
    if (parts.length !== origins.length) return undefined;
    if (index >= growing)
      return parts.every((part) => isEqual(part, parts[0])) ? operand : undefined;
    // Groups of a convolution have one size.
    const isEven =
      isShared || parts.every(({ shape }) => isSameShape(shape, parts[0]?.shape ?? []));
    return opType === 'Conv' && !isEven ? undefined : concatenate(parts, 0, budget);
  });
  if (!operands.every((operand) => operand !== undefined)) return undefined;
  return operands.map((operand) => (operand === 'absent' ? undefined : operand));
}

function isEqual(a: Constant, b: Constant | undefined): boolean {
  return (
    b !== undefined &&
    isSameShape(a.shape, b.shape) &&
    a.data.every((value, index) => value === b.data[index])
  );
}

function isAlike(a: OnnxGraphNode, b: OnnxGraphNode): boolean {
  return (
    a.opType === b.opType &&
    a.isOnnxDomain === b.isOnnxDomain &&
    a.attributes.length === b.attributes.length &&
    a.attributes.every((attribute) => {
      const other = b.attributes.find(({ name }) => name === attribute.name);
      return other !== undefined && describeAttribute(attribute) === describeAttribute(other);
    })
  );
}

/** None of the operators of {@link TOWER_OPS} has a tensor or a graph as an attribute. */
function describeAttribute({ type, f, i, s, ints, floats }: AttributeProto): string {
  return [type, f, i, s, ints, floats].join(';');
}

function withGroups(node: OnnxGraphNode, towers: number): readonly AttributeProto[] {
  const own = node.attributes.find(({ name }) => name === 'group');
  const group = makeAttributeProto('group', { i: towers * Number(own?.i ?? 1n) });
  return [...node.attributes.filter(({ name }) => name !== 'group'), group];
}

/** A picture with its channels in groups, as [N · groups, C / groups, H, W]. */
function inGroups(x: Activation, groups: number): Activation | undefined {
  const [C = 0, H = 0, W = 0] = x.shape;
  const view = reshapeView(x.view, [
    { count: groups, isBatch: true },
    { count: C / groups, isBatch: false },
    { count: H, isBatch: false },
    { count: W, isBatch: false },
  ]);
  return C % groups === 0 && view ? { ...x, view } : undefined;
}
