import { sizeOf } from '@alexnet/core';
import type { AttributeReader } from '../attribute-reader.ts';
import { DataType } from '../proto/messages.ts';
import { foldArithmetic } from './arithmetic.ts';
import type { Budget } from './budget.ts';
import { type Constant, integersOf, makeFloats, makeIntegers } from './constant.ts';
import type { ImportContext } from './context.ts';
import { dequantize, withName } from './dequantize.ts';
import { attributesOf, type OnnxGraphNode } from './graph-node.ts';
import { readInitializer } from './initializer.ts';
import {
  concatenate,
  pick,
  resolveRange,
  slice,
  stridesOf,
  transpose,
  withShape,
} from './rearrange.ts';
import { refuse } from './refusal.ts';
import { axesOf } from './reshape.ts';

type Fold = (
  node: OnnxGraphNode,
  inputs: readonly Constant[],
  tools: { readonly attributes: AttributeReader; readonly budget: Budget },
) => Constant | readonly Constant[] | undefined;

/**
 * The value of a node whose operands are all constants.
 *
 * @returns undefined for an operator that is not computed here
 */
export function foldNode(
  node: OnnxGraphNode,
  inputs: readonly Constant[],
  { budget }: ImportContext,
): readonly Constant[] | undefined {
  const fold = Object.hasOwn(FOLDS, node.opType) ? FOLDS[node.opType] : foldArithmetic;
  const folded = fold?.(node, inputs, { attributes: attributesOf(node), budget });
  if (!folded) return undefined;
  return 'kind' in folded ? [folded] : folded;
}

const FOLDS: Readonly<Record<string, Fold>> = {
  Constant: (node, _inputs, { attributes }) => {
    const tensor = attributes.optionalTensor('value');
    if (tensor) return readInitializer(node.outputs[0] ?? '', tensor);
    const float = attributes.optionalFloat('value_float');
    if (float !== undefined) return makeFloats([], Float32Array.of(float));
    const floats = attributes.optionalFloats('value_floats');
    if (floats) return makeFloats([floats.length], Float32Array.from(floats));
    const integer = attributes.optionalInteger('value_int');
    if (integer !== undefined) return makeIntegers([integer], []);
    const integers = attributes.optionalIntegers('value_ints');
    return integers && makeIntegers(integers);
  },
  ConstantOfShape: (node, [lengths], { attributes, budget }) => {
    const shape = lengths && integersOf(lengths);
    if (!shape || shape.some((length) => !(length >= 0))) {
      throw refuse(node, 'has a shape that is not known before a run');
    }
    budget.take(node.name, sizeOf(shape));
    const tensor = attributes.optionalTensor('value');
    const filled = tensor ? readInitializer(node.name, tensor) : makeFloats([], Float32Array.of(0));
    return pick(filled, shape, () => 0);
  },
  Identity: (_node, [x]) => x,
  Dropout: (_node, [x]) => x,
  Cast: (node, [x], { attributes }) => x && cast(node, x, attributes.dataType('to')),
  DequantizeLinear: dequantize,
  Shape: (_node, [x], { attributes }) => {
    const shape = x?.shape ?? [];
    const [start, end] = [attributes.integer('start', 0), attributes.integer('end', shape.length)];
    return makeIntegers(shape.slice(start, end));
  },
  Size: (_node, [x]) => makeIntegers([sizeOf(x?.shape ?? [])], []),
  Gather: (node, [x, indices], { attributes, budget }) => {
    const axis = attributes.integer('axis', 0);
    return x && indices && gather(node, x, indices, { axis, budget });
  },
  Slice: (node, [x, ...lists], { attributes, budget }) => {
    if (!x) return undefined;
    const list = (index: number, name: string) => {
      const constant = lists[index];
      return constant ? integersOf(constant) : attributes.optionalIntegers(name);
    };
    const [starts, ends] = [list(0, 'starts'), list(1, 'ends')];
    const axes = list(2, 'axes') ?? starts?.map((_, index) => index);
    const steps = list(3, 'steps');
    const ranges = (axes ?? []).map((axis, index) => {
      const counted = axis < 0 ? axis + x.shape.length : axis;
      const [start, end, step] = [starts?.[index], ends?.[index], steps?.[index] ?? 1];
      const length = x.shape[counted];
      return start === undefined || end === undefined || length === undefined
        ? undefined
        : resolveRange(counted, length, { start, end, step });
    });
    if (!ranges.every((range) => range !== undefined)) throw refuse(node, 'has no legal ranges');
    return slice(x, ranges, budget);
  },
  Split: (node, [x, sizes], { attributes, budget }) => {
    const given = (sizes && integersOf(sizes)) ?? attributes.optionalIntegers('split');
    const [axis = 0] =
      axesOf(node, undefined, [attributes.integer('axis', 0)], x?.shape.length ?? 0) ?? [];
    const equal = Math.ceil((x?.shape[axis] ?? 0) / node.outputs.length);
    let start = 0;
    return (
      x &&
      node.outputs.map((_, index) => {
        const left = (x.shape[axis] ?? 0) - start;
        const count = Math.min(given?.[index] ?? equal, left);
        if (!(count >= 0)) throw refuse(node, 'splits off more than there is');
        const part = slice(x, [{ axis, start, count, step: 1 }], budget);
        start += count;
        return part;
      })
    );
  },
  Concat: (_node, inputs, { attributes, budget }) => {
    const axis = attributes.integer('axis', 1);
    const rank = inputs[0]?.shape.length ?? 0;
    return concatenate(inputs, axis < 0 ? axis + rank : axis, budget);
  },
  Unsqueeze: (node, [x, list], { attributes }) => {
    const given = attributes.optionalIntegers('axes') ?? (list && integersOf(list));
    const rank = (x?.shape.length ?? 0) + (given?.length ?? 0);
    const axes = axesOf(node, undefined, given, rank) ?? [];
    const rest = [...(x?.shape ?? [])];
    const shape = Array.from({ length: rank }, (_, index) =>
      axes.includes(index) ? 1 : (rest.shift() ?? 1),
    );
    return x && withShape(x, shape);
  },
  Squeeze: (node, [x, list], { attributes }) => {
    const given = attributes.optionalIntegers('axes');
    const axes = axesOf(node, list, given, x?.shape.length ?? 0);
    const isKept = (length: number, axis: number) => (axes ? !axes.includes(axis) : length !== 1);
    const shape = x?.shape.filter(isKept) ?? [];
    return x && sizeOf(shape) === x.data.length ? withShape(x, shape) : undefined;
  },
  Reshape: (node, [x, list], { attributes }) => {
    const target = attributes.optionalIntegers('shape') ?? (list && integersOf(list));
    if (!x || !target) return undefined;
    const keepsZero = attributes.flag('allowzero');
    const asked = target.map((length, axis) =>
      length === 0 && !keepsZero ? (x.shape[axis] ?? 0) : length,
    );
    const known = asked.reduce((product, length) => product * (length === -1 ? 1 : length), 1);
    const shape = asked.map((length) => (length === -1 ? x.data.length / known : length));
    if (
      sizeOf(shape) !== x.data.length ||
      shape.some((length) => !Number.isInteger(length) || length < 0)
    ) {
      throw refuse(node, `turns ${x.data.length} numbers into [${target.join(', ')}]`);
    }
    return withShape(x, shape);
  },
  Transpose: (node, [x], { attributes, budget }) => {
    const reversed = x?.shape.map((_, index) => index).reverse();
    const order = attributes.optionalIntegers('perm') ?? reversed ?? [];
    const turned = x && transpose(x, order, budget);
    if (!turned) throw refuse(node, `has perm = ${order.join(',')}, not an order of its axes`);
    return turned;
  },
};

function gather(
  node: OnnxGraphNode,
  x: Constant,
  indices: Constant,
  { axis, budget }: { readonly axis: number; readonly budget: Budget },
): Constant {
  const [along = 0] = axesOf(node, undefined, [axis], x.shape.length) ?? [];
  const length = x.shape[along] ?? 0;
  const places = Array.from(indices.data, (place) => (place < 0 ? place + length : place));
  if (indices.batch || !places.every((place) => place >= 0 && place < length)) {
    throw refuse(node, `takes place ${places.join(', ')} of ${length}`);
  }
  const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
  budget.take(node.name, sizeOf(shape));
  const inner = stridesOf(x.shape)[along] ?? 1;
  return pick(x, shape, (index) => {
    const row = Math.floor(index / (inner * places.length));
    const place = places[Math.floor(index / inner) % places.length] ?? 0;
    return (row * length + place) * inner + (index % inner);
  });
}

function cast(node: OnnxGraphNode, { source: _, ...x }: Constant, to: number): Constant {
  switch (to) {
    case DataType.float:
    case DataType.float16:
    case DataType.bfloat16:
    case DataType.double:
      if (x.type === 'float') return withName(node, x);
      // A length that depends on the batch stays as exact as it is.
      return { ...x, type: 'float', data: x.batch ? x.data : Float32Array.from(x.data) };
    case DataType.int32:
    case DataType.int64:
      return { ...x, type: 'integer', data: Float64Array.from(x.data, Math.trunc) };
    case DataType.bool:
      if (x.batch) throw refuse(node, 'asks whether the length of the batch is 0');
      return { ...x, type: 'boolean', data: Float64Array.from(x.data, (value) => +(value !== 0)) };
    default:
      throw refuse(node, `makes data type ${to} of a constant`);
  }
}
