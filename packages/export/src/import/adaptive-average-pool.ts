import { adaptiveWindow } from '@alexnet/core';
import { settle } from './affine.ts';
import type { Constant } from './constant.ts';
import type { ImportContext, NodeReader } from './context.ts';
import { attributesOf, type OnnxGraphNode } from './graph-node.ts';
import { refuse } from './refusal.ts';
import { axesOf, giveView, passOwner } from './reshape.ts';
import type { Activation } from './value.ts';
import { isSameAxis, isSameView, viewOf } from './view.ts';

// ONNX has no adaptive pool. Exporters write it as a mean over everything, as an ordinary pool, as nothing where
// the size is right already, or (we, where nothing divides) as products with two averaging matrices.

/** GlobalAveragePool, and ReduceMean over rows and columns. */
export const readGlobalMean: NodeReader = (node, [x, list], context) => {
  if (x?.kind !== 'activation') return undefined;
  const attributes = attributesOf(node);
  const isReduce = node.opType === 'ReduceMean';
  const keepsAxes = !isReduce || attributes.integer('keepdims', 1) === 1;
  const given = isReduce ? attributes.optionalIntegers('axes') : undefined;
  if (isReduce) attributes.expectInteger('noop_with_empty_axes', 0);
  attributes.checkAllRead();
  const axes = isReduce ? axesOf(node, list, given, x.view.length) : [2, 3];
  const [, , rows = [], columns = []] = viewOf(x.shape);
  const isMap = (axis: number) =>
    isSameAxis(x.view[axis] ?? [], rows) || isSameAxis(x.view[axis] ?? [], columns);
  if (x.shape.length !== 3 || axes?.length !== 2 || axes[0] === axes[1] || !axes.every(isMap)) {
    throw refuse(node, 'takes the mean over other axes than rows and columns');
  }
  const settled = settle(x, node, context);
  const output = keepsAxes
    ? (node.outputs[0] ?? '')
    : context.draft.uniqueName(`${node.name}/mean`);
  const pooled = addPool(settled, [1, 1], { ...node, outputs: [output] }, context);
  const view = x.view.map((axis, index) => (axes.includes(index) ? [] : axis));
  // The channels, which are all that is left, lie one behind the other.
  const [, channels = []] = pooled.view;
  const means = view.map((axis) => (axis.length > 0 && !axis.includes('batch') ? channels : axis));
  if (keepsAxes) return { ...pooled, view: means };
  const kept = means.filter((_, index) => !axes.includes(index));
  return giveView(pooled, kept, node, context);
};

/** AveragePool as an adaptive pool becomes one: windows side by side, pads not mentioned; or 1×1, which does nothing. */
export const readTiledMean: NodeReader = (node, [x], context) => {
  if (x?.kind !== 'activation' || x.shape.length !== 3 || x.padding) return undefined;
  if (!isSameView(x.view, viewOf(x.shape))) return undefined;
  const attributes = attributesOf(node);
  const [height = 0, width = 0, ...more] = attributes.optionalIntegers('kernel_shape') ?? [];
  const [stepY = 1, stepX = 1] = attributes.optionalIntegers('strides') ?? [];
  const pads = attributes.optionalIntegers('pads');
  const mode = attributes.optionalString('auto_pad') ?? 'NOTSET';
  const isPlain = mode === 'NOTSET' && more.length === 0 && stepY === height && stepX === width;
  const [, H = 0, W = 0] = x.shape;
  if (!isPlain || H % height !== 0 || W % width !== 0) return undefined;
  const doesNothing = height === 1 && width === 1 && (pads ?? []).every((pad) => pad === 0);
  const isMarked = pads === undefined && !attributes.has('count_include_pad');
  if (context.isOwn ? !isMarked : !isMarked && !doesNothing) return undefined;
  if (attributes.integer('ceil_mode', 0) !== 0 && !doesNothing) return undefined;
  if (doesNothing && !context.isOwn) return { ...x, owner: passOwner(x, node, context) };
  return addPool(settle(x, node, context), [H / height, W / width], node, context);
};

/** Identity: in a file of ours a pool that has nothing to do. */
export const readOwnIdentity: NodeReader = (node, [x], context) => {
  if (!context.isOwn || x?.kind !== 'activation') return undefined;
  const [, H, W] = x.shape;
  if (H === undefined || W === undefined) return undefined;
  return addPool(settle(x, node, context), [H, W], node, context);
};

/** MatMul of the rows' means and a picture, and of that and the columns' means. */
export const readMeanProduct: NodeReader = (node, [a, b], context) => {
  if (a?.kind === 'constant' && b?.kind === 'activation' && b.shape.length === 3) {
    const of = settle(b, node, context);
    if (!isSameView(of.view, viewOf(of.shape))) return undefined;
    return { kind: 'row-means', of, rows: a };
  }
  if (a?.kind !== 'row-means' || b?.kind !== 'constant') return undefined;
  const { of, rows } = a;
  const [, H = 0, W = 0] = of.shape;
  const [height = 0] = rows.shape;
  const [, width = 0] = b.shape;
  if (isMeans(rows, [height, H], 'rows') && isMeans(b, [width, W], 'columns')) {
    return addPool(of, [height, width], node, context);
  }
  throw refuse(node, 'multiplies a picture by matrices that do not take its means');
};

function addPool(
  x: Activation,
  outputSize: readonly [number, number],
  node: OnnxGraphNode,
  { draft }: ImportContext,
): Activation {
  const output = node.outputs[0] ?? '';
  return draft.add(
    {
      op: 'AdaptiveAveragePool',
      name: node.name,
      inputs: [x.value],
      output,
      attributes: { outputSize },
    },
    [x.value],
  );
}

/** Whether a matrix holds 1 / size at the pixels of each window of an adaptive pool, and nothing elsewhere. */
function isMeans(
  { shape, data, type }: Constant,
  [count, length]: readonly [number, number],
  side: 'rows' | 'columns',
): boolean {
  const expected = side === 'rows' ? [count, length] : [length, count];
  const isMatrix = shape.length === 2 && shape.every((size, axis) => size === expected[axis]);
  if (type !== 'float' || !isMatrix) return false;
  for (let window = 0; window < count; window += 1) {
    const [begin, end] = adaptiveWindow(window, count, length);
    for (let pixel = 0; pixel < length; pixel += 1) {
      const share = pixel >= begin && pixel < end ? Math.fround(1 / (end - begin)) : 0;
      const index = side === 'rows' ? window * length + pixel : pixel * count + window;
      if (data[index] !== share) return false;
    }
  }
  return true;
}

/** GlobalMaxPool: a window as large as the picture. */
export const readGlobalMaximum: NodeReader = (node, [x], context) => {
  if (x?.kind !== 'activation') return undefined;
  attributesOf(node).checkAllRead();
  const settled = settle(x, node, context);
  const [, H, W] = settled.shape;
  if (H === undefined || W === undefined || !isSameView(settled.view, viewOf(settled.shape))) {
    throw refuse(node, 'takes the maximum of something else than pictures');
  }
  const { value } = settled;
  return context.draft.add(
    {
      op: 'MaxPool',
      name: node.name,
      inputs: [value],
      output: node.outputs[0] ?? '',
      attributes: { kernelShape: [H, W], strides: [1, 1], pads: [0, 0, 0, 0], ceilMode: false },
    },
    [value],
  );
};
