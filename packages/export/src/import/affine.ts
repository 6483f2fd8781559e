import { type Shape, sizeOf, type Tensor } from '@alexnet/core';
import { type Constant, makeFloats, tensorOf } from './constant.ts';
import type { ImportContext, NodeReader } from './context.ts';
import type { Operand } from './draft.ts';
import { attributesOf, type OnnxGraphNode } from './graph-node.ts';
import { refuse } from './refusal.ts';
import { passOwner } from './reshape.ts';
import type { Activation, Affine } from './value.ts';
import { lengthOf, positionsOf } from './view.ts';

// Add, Sub, Mul and Div of a value and a constant: a bias after a MatMul, a batch normalisation that a converter
// has computed out, the scale of the pictures. No op of the IR does it alone: the layer before takes it into its
// weights, or else the layer behind.

export const readElementwise: NodeReader = (node, [a, b], context) => {
  const attributes = attributesOf(node);
  attributes.ignore('consumed_inputs');
  const isBroadcast = attributes.flag('broadcast');
  const axis = attributes.optionalInteger('axis');
  attributes.checkAllRead();
  if (a?.kind === 'activation' && b?.kind === 'constant') {
    const placed =
      isBroadcast && axis !== undefined ? placeAt(b.shape, axis, a.view.length) : b.shape;
    const values = spread(node, { ...b, shape: placed }, a);
    return append(a, toAffine(node.opType, values, 'right'), node, context);
  }
  if (a?.kind === 'constant' && b?.kind === 'activation' && node.opType !== 'Div') {
    const swapped = { ...node, inputs: [...node.inputs].reverse() };
    return append(b, toAffine(node.opType, spread(node, a, b), 'left'), swapped, context);
  }
  return undefined;
};

/** Before operator set 7 a smaller shape could stand at any axis of the larger one. */
function placeAt(shape: Shape, axis: number, rank: number): Shape {
  const start = axis < 0 ? axis + rank : axis;
  const behind = Math.max(0, rank - start - shape.length);
  return [...shape, ...new Array<number>(behind <= rank ? behind : 0).fill(1)];
}

function toAffine(opType: string, values: Float64Array, side: 'left' | 'right'): Affine {
  const ones = values.map(() => 1);
  const zeros = values.map(() => 0);
  switch (opType) {
    case 'Add':
      return { scale: ones, shift: values };
    case 'Sub':
      return side === 'right'
        ? { scale: ones, shift: values.map((value) => -value) }
        : { scale: ones.map(() => -1), shift: values };
    case 'Mul':
      return { scale: values, shift: zeros };
    default:
      return { scale: values.map((value) => 1 / value), shift: zeros };
  }
}

/** A constant as one number for all, or one for each channel in the IR's order. */
function spread(node: OnnxGraphNode, constant: Constant, x: Activation): Float64Array {
  const { shape, data, batch, type } = constant;
  if (type !== 'float' || batch) throw refuse(node, 'computes with a constant that is no float');
  if (data.length === 1) return Float64Array.from(data);
  const offset = x.view.length - shape.length;
  const long = shape.flatMap((length, axis) => (length === 1 ? [] : [axis + offset]));
  const [axis, ...more] = long;
  const [channels = 0] = x.shape;
  const along = axis === undefined || more.length > 0 ? undefined : x.view[axis];
  const each = sizeOf(x.shape) / channels;
  const isOwnAxis = along && !along.includes('batch') && lengthOf(along) === channels;
  if (!isOwnAxis || data.length !== channels) {
    throw refuse(
      node,
      `computes with a constant of [${shape.join(', ')}] on ${x.value} of [N, ${x.shape.join(', ')}]`,
      'What is read is one number for all, or one for each channel: a mean image, for example, has to be subtracted outside.',
    );
  }
  const spreadOut = new Float64Array(channels);
  for (const [index, position] of positionsOf(along).entries()) {
    if (position % each !== 0) throw refuse(node, 'computes along another axis than the channels');
    spreadOut[position / each] = data[index] ?? 0;
  }
  return spreadOut;
}

function append(
  x: Activation,
  added: Affine,
  node: OnnxGraphNode,
  context: ImportContext,
): Activation {
  const affine = x.affine ? compose(x.affine, added) : added;
  if (!isIdentity(added)) context.draft.markScaled(x.value);
  if (x.padding && affine.shift.some((value) => value !== 0)) {
    throw refuse(node, 'comes between zeros and the window they are for');
  }
  const owner = passOwner(x, node, context);
  const { affine: _, ...plain } = x;
  if (isIdentity(affine)) return { ...plain, owner };
  const isDirect = x.affine === undefined && x.padding === undefined && x.owner !== null;
  if (
    isDirect &&
    x.owner === node.inputs[0] &&
    owner !== null &&
    takeIn(x.value, affine, context)
  ) {
    return { ...plain, owner };
  }
  return { ...plain, affine, owner };
}

function compose(first: Affine, then: Affine): Affine {
  const length = Math.max(first.scale.length, then.scale.length);
  const combine = (f: (index: number) => number) => Float64Array.from({ length }, (_, i) => f(i));
  const at = (values: Float64Array, index: number) => values[values.length === 1 ? 0 : index] ?? 0;
  return {
    scale: combine((i) => at(first.scale, i) * at(then.scale, i)),
    shift: combine((i) => at(first.shift, i) * at(then.scale, i) + at(then.shift, i)),
  };
}

function isIdentity({ scale, shift }: Affine): boolean {
  return scale.every((value) => value === 1) && shift.every((value) => value === 0);
}

/** The entry of an affine map for element `index` of a picture with `size` elements. */
function entryAt(values: Float64Array, index: number, size: number): number {
  return values[Math.floor((index * values.length) / size)] ?? 0;
}

/** Computes an affine map into the layer that makes a value; false where that is none with weights. */
function takeIn(value: string, affine: Affine, { draft, budget }: ImportContext): boolean {
  const found = draft.find(value);
  if (!found) return false;
  const [x, scale, shift, ...rest] = found.operands;
  const weight = tensorAt(scale);
  const bias = tensorAt(shift);
  const { op } = found.node;
  const isLayer = op === 'Conv' || op === 'Gemm' || op === 'BatchNormalization';
  if (!isLayer || x === undefined || !weight || !bias) return false;
  budget.take(value, weight.data.length);
  const outputs = bias.data.length;
  const perOutput = weight.data.length / outputs;
  const isShift = affine.scale.every((factor) => factor === 1);
  const scaled = weight.data.map(
    (w, index) => w * entryAt(affine.scale, Math.floor(index / perOutput), outputs),
  );
  const moved = bias.data.map(
    (b, index) => b * entryAt(affine.scale, index, outputs) + entryAt(affine.shift, index, outputs),
  );
  const scaledWeight = isShift && scale !== undefined ? scale : makeFloats(weight.shape, scaled);
  draft.replaceOperands(value, [x, scaledWeight, makeFloats(bias.shape, moved), ...rest]);
  return true;
}

function tensorAt(operand: Operand | undefined): Tensor | undefined {
  return operand && typeof operand !== 'string' ? tensorOf(operand) : undefined;
}

/**
 * Weight and bias of a layer that takes in what the file does to its input before it.
 *
 * @param inputShape - of one picture
 * @param weight - [out, in / group, …]; each group of outputs sees its own inputs
 */
export function absorbAffine(
  { scale, shift }: Affine,
  inputShape: Shape,
  {
    weight,
    bias,
    group,
  }: { readonly weight: Tensor; readonly bias: Tensor; readonly group: number },
): { readonly weight: Tensor; readonly bias: Tensor } {
  const [inputs = 1] = inputShape;
  const [outputs = 1, perGroup = 1, ...kernel] = weight.shape;
  const taps = sizeOf(kernel);
  const scaled = new Float32Array(weight.data.length);
  const moved = Float64Array.from(bias.data);
  for (let o = 0; o < outputs; o += 1) {
    const first = Math.floor(o / (outputs / group)) * perGroup;
    for (let c = 0; c < perGroup; c += 1) {
      const [factor, added] = [
        entryAt(scale, first + c, inputs),
        entryAt(shift, first + c, inputs),
      ];
      for (let tap = 0; tap < taps; tap += 1) {
        const index = (o * perGroup + c) * taps + tap;
        const w = weight.data[index] ?? 0;
        scaled[index] = w * factor;
        moved[o] = (moved[o] ?? 0) + w * added;
      }
    }
  }
  return {
    weight: { shape: weight.shape, data: scaled },
    bias: { shape: bias.shape, data: Float32Array.from(moved) },
  };
}

/**
 * The value with everything done that waits for a layer to take it in.
 *
 * @throws AlexNetError `UNSUPPORTED` for a scale of features, and for zeros that no window takes
 */
export function settle(x: Activation, node: OnnxGraphNode, context: ImportContext): Activation {
  if (x.padding) throw refuse(node, 'follows a Pad, which only a window can take into its pads');
  return settleAffine(x, node, context);
}

/** Scale and shift as a convolution of 1×1 for each channel: exact where the layer behind cannot take them in. */
export function settleAffine(
  x: Activation,
  node: OnnxGraphNode,
  { draft, budget, settled }: ImportContext,
): Activation {
  if (!x.affine) return x;
  const done = settled.get(x);
  if (done) return done;
  const [channels = 0] = x.shape;
  if (x.shape.length !== 3) {
    throw refuse(
      node,
      'follows a scale or a shift of features that neither the layer before nor the one behind can take into its weights',
    );
  }
  budget.take(node.name, 2 * channels);
  const { scale, shift } = x.affine;
  const fill = (values: Float64Array) =>
    Float32Array.from({ length: channels }, (_, index) => entryAt(values, index, channels));
  const output = draft.uniqueName(`${x.value}/scaled`);
  const added = draft.add(
    {
      op: 'Conv',
      name: output,
      inputs: [x.value, `${output}.weight`, `${output}.bias`],
      output,
      attributes: { kernelShape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: channels },
    },
    [x.value, makeFloats([channels, 1, 1, 1], fill(scale)), makeFloats([channels], fill(shift))],
  );
  const { padding } = x;
  const result = { ...added, view: x.view, owner: null, ...(padding ? { padding } : {}) };
  settled.set(x, result);
  return result;
}
