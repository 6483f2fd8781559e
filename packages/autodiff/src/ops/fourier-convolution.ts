import type { NodeOf } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { waitFor } from '../wait-for.ts';
import type { ConvGeometry } from './conv-weight-gradient.ts';
import { createTapMatrix, type Matrix } from './fourier-axis.ts';
import { planFourier } from './fourier-plan.ts';
import type { Lowered } from './op-lowering.ts';

/**
 * A convolution of stride 1, and its gradients, through the Fourier transform of the maps: at each of P points,
 * one matrix product of the weights with all pictures. 3×3 windows on 13×13 maps take 400 products for a pair of
 * channels where 1,521 are usual, 5×5 windows on 27×27 maps 1,849 instead of 18,225. Standard operators; only the
 * rounding differs.
 *
 *   V = B·x,  U = G·w,  M = U·V,  y = Aᵀ·M + b      (B, G, A: inputs, taps, outputs of `FourierAxis`)
 *   dM = A·dy,  dU = dM·Vᵀ,  dw = Gᵀ·dU,  dV = Uᵀ·dM,  dx = Bᵀ·dV
 *
 * Shape: x [N, I, H, W], w [O, I / group, kH, kW], b [O], y [N, O, H', W'];
 * V [P, group, I / group, N], U [P, group, O / group, I / group], M [P, group, O / group, N]
 *
 * @see Mathieu, Henaff & LeCun 2014, "Fast training of convolutional networks through FFTs"
 */
export function lowerFourierConvolution(
  builder: OnnxBuilder,
  geometry: ConvGeometry,
  [x, weight, bias]: readonly [Value, Value, Value],
): Lowered<NodeOf<'Conv'>['inputs']> {
  const { channels } = geometry.dy;
  const plan = createPlan(builder, geometry);
  const v = cut(plan, toPoints(plan, plan.input, x));
  const m = multiplyAtPoints(plan, { weight, values: v, to: plan.output, from: plan.input });
  const y = fromPoints(plan, plan.output, m);
  return {
    output: builder.op('Add', [y, builder.op('Reshape', [bias, builder.ints(channels, 1, 1)])]),
    backward: (dy, [wantsX, wantsWeight, wantsBias]) => {
      const dm = wantsX || wantsWeight ? cut(plan, toPoints(plan, plan.output, dy)) : [];
      return [
        wantsX ? builder.scope('data', () => dataGradient(plan, weight, dm)) : null,
        wantsWeight ? builder.scope('weight', () => weightGradient(plan, v, dm)) : null,
        wantsBias
          ? builder.op('ReduceSum', [dy, builder.ints(0, 2, 3)], { keepdims: { i: 0 } })
          : null,
      ];
    },
  };
}

/** What the parts of a convolution share. Points go across the map first, then down. */
interface Plan {
  readonly builder: OnnxBuilder;
  readonly geometry: ConvGeometry;
  readonly input: Side;
  readonly output: Side;
  /** Points [across, down] the map. */
  readonly points: readonly [number, number];
  readonly chunks: readonly Chunk[];
}

/** A side of the convolution: its maps, and the matrices that lead to their points. */
interface Side {
  readonly extent: ConvGeometry['x'];
  /** [points down, H] */
  readonly rows: Value;
  /** [points across, W] */
  readonly columns: Value;
}

/** Some columns of points. */
interface Chunk {
  /** Points across the map. */
  readonly across: number;
  /** [points of the chunk, kH · kW] */
  readonly taps: Value;
}

function createPlan(builder: OnnxBuilder, geometry: ConvGeometry): Plan {
  const { rows, columns, chunks } = planFourier(geometry);
  const constant = (matrix: Matrix) =>
    builder.constant(matrix.values, [matrix.rows, matrix.columns]);
  const taps = createTapMatrix(rows, columns);
  let begin = 0;
  return {
    builder,
    geometry,
    input: {
      extent: geometry.x,
      rows: constant(rows.inputs),
      columns: constant(columns.inputs),
    },
    output: {
      extent: geometry.dy,
      rows: constant(rows.outputs),
      columns: constant(columns.outputs),
    },
    points: [columns.points, rows.points],
    chunks: chunks.map((across) => {
      const end = begin + across * rows.points;
      const values = taps.values.subarray(begin * taps.columns, end * taps.columns);
      const part = { rows: end - begin, columns: taps.columns, values };
      begin = end;
      return { across, taps: constant(part) };
    }),
  };
}

/** x [N, C, H, W] → V [P, group, C / group, N] */
function toPoints({ builder, points, geometry: { group } }: Plan, side: Side, x: Value): Value {
  const { batch, channels, height, width } = side.extent;
  const [across, down] = points;
  const swapped = permute(builder, x, [1, 0, 2, 3]);
  const lines = reshape(builder, swapped, [channels * batch * height, width]);
  const perLine = builder.op('Gemm', [side.columns, lines], { transB: { i: 1 } });
  const perMap = reshape(builder, perLine, [across, channels * batch, height]);
  const values = builder.op('MatMul', [side.rows, permute(builder, perMap, [0, 2, 1])]);
  return reshape(builder, values, [across, down, group, channels / group, batch]);
}

/** V, chunk by chunk → x: the transpose of {@link toPoints}. */
function fromPoints({ builder, points }: Plan, side: Side, chunks: readonly Value[]): Value {
  const { batch, channels, height, width } = side.extent;
  const [across, down] = points;
  const [first = '', ...others] = chunks;
  const values = others.length === 0 ? first : builder.op('Concat', chunks, { axis: { i: 0 } });
  const perMap = reshape(builder, values, [across, down, channels * batch]);
  const perLine = builder.op('MatMul', [permute(builder, perMap, [0, 2, 1]), side.rows]);
  const lines = reshape(builder, perLine, [across, channels * batch * height]);
  const pixels = builder.op('Gemm', [lines, side.columns], { transA: { i: 1 } });
  const swapped = reshape(builder, pixels, [channels, batch, height, width]);
  return permute(builder, swapped, [1, 0, 2, 3]);
}

function cut({ builder, chunks }: Plan, values: Value): readonly Value[] {
  if (chunks.length === 1) return [values];
  const sizes = builder.ints(...chunks.map(({ across }) => across));
  return builder.ops('Split', [values, sizes], { axis: { i: 0 } }, chunks.length);
}

interface PointProduct {
  /** Kernels in the order [group, to / group, from / group], in whatever shape. */
  readonly weight: Value;
  /** [P, group, from / group, N], chunk by chunk */
  readonly values: readonly Value[];
  readonly to: Side;
  readonly from: Side;
}

/**
 * Weights at the points times values there: [P, group, to / group, N], chunk by chunk.
 *
 * The weights at the points depend on nothing but the weights, and a runtime may make those of all layers before
 * anything else. So each chunk of them waits for the product before.
 */
function multiplyAtPoints(
  { builder, points: [, down], chunks, geometry }: Plan,
  { weight, values, to, from }: PointProduct,
): readonly Value[] {
  const { group, kernel } = geometry;
  const shares = [group, to.extent.channels / group, from.extent.channels / group];
  const taps = kernel[0] * kernel[1];
  const lines = [(to.extent.channels * from.extent.channels) / group, taps];
  const products: Value[] = [];
  for (const [i, chunk] of chunks.entries()) {
    const value = values[i] ?? '';
    const kernels = waitFor(builder, weight, lines, [products.at(-1) ?? value]);
    const atPoints = builder.op('Gemm', [chunk.taps, kernels], { transB: { i: 1 } });
    const u = reshape(builder, atPoints, [chunk.across, down, ...shares]);
    products.push(builder.op('MatMul', [u, value]));
  }
  return products;
}

function dataGradient(plan: Plan, weight: Value, dm: readonly Value[]): Value {
  const { builder, input, output, geometry } = plan;
  const { x, dy, group, kernel } = geometry;
  const shape = [group, dy.channels / group, x.channels / group, kernel[0] * kernel[1]];
  // In and out change places while the weights are few: a product with U transposed takes twice the time.
  const turned = permute(builder, reshape(builder, weight, shape), [0, 2, 1, 3]);
  const dv = multiplyAtPoints(plan, { weight: turned, values: dm, to: input, from: output });
  return fromPoints(plan, input, dv);
}

function weightGradient(plan: Plan, v: readonly Value[], dm: readonly Value[]): Value {
  const { builder, points, chunks, geometry } = plan;
  const { x, dy, group, kernel } = geometry;
  const inChannels = x.channels / group;
  let sum: readonly Value[] = [];
  for (const [i, { across, taps }] of chunks.entries()) {
    const shape = [across, points[1], group, inChannels, x.batch];
    const next = waitFor(builder, v[i] ?? '', shape, sum);
    const picturesFirst = permute(builder, next, [0, 1, 2, 4, 3]);
    const du = builder.op('MatMul', [dm[i] ?? '', picturesFirst]);
    const flat = reshape(builder, du, [across * points[1], dy.channels * inChannels]);
    sum = [builder.op('Gemm', [flat, taps, ...sum], { transA: { i: 1 } })];
  }
  return reshape(builder, sum[0] ?? '', [dy.channels, inChannels, ...kernel]);
}

function reshape(builder: OnnxBuilder, value: Value, shape: readonly number[]): Value {
  return builder.op('Reshape', [value, builder.ints(...shape)]);
}

function permute(builder: OnnxBuilder, value: Value, perm: readonly number[]): Value {
  return builder.op('Transpose', [value], { perm: { ints: perm } });
}
