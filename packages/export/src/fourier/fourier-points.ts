import type { OnnxBuilder, Value } from '../builder.ts';
import type { ConvGeometry, PictureExtent } from './conv-geometry.ts';
import { createTapMatrix, type Matrix } from './fourier-axis.ts';
import type { FourierPlan } from './fourier-plan.ts';

/** The matrices of a convolution through the Fourier transform, as values of a graph. Points go across the map, then down. */
export interface FourierPoints {
  readonly input: FourierSide;
  readonly output: FourierSide;
  /** Points [across, down] the map. */
  readonly points: readonly [number, number];
  readonly group: number;
  readonly chunks: readonly FourierChunk[];
}

/** A side of the convolution: its maps, and the matrices that lead to their points. */
export interface FourierSide {
  readonly extent: PictureExtent;
  /** [points down, H] */
  readonly rows: Value;
  /** [points across, W] */
  readonly columns: Value;
}

/** Some columns of points. */
export interface FourierChunk {
  /** Points across the map. */
  readonly across: number;
  /** [points of the chunk, kH · kW] */
  readonly taps: Value;
}

/** Adds the matrices of a plan to a graph. */
export function addFourierPoints(
  builder: OnnxBuilder,
  { x, dy, group }: ConvGeometry,
  { rows, columns, chunks }: FourierPlan,
): FourierPoints {
  const constant = (matrix: Matrix) =>
    builder.constant(matrix.values, [matrix.rows, matrix.columns]);
  const taps = createTapMatrix(rows, columns);
  let begin = 0;
  return {
    input: { extent: x, rows: constant(rows.inputs), columns: constant(columns.inputs) },
    output: { extent: dy, rows: constant(rows.outputs), columns: constant(columns.outputs) },
    points: [columns.points, rows.points],
    group,
    chunks: chunks.map((across) => {
      const end = begin + across * rows.points;
      const values = taps.values.subarray(begin * taps.columns, end * taps.columns);
      const part = { rows: end - begin, columns: taps.columns, values };
      begin = end;
      return { across, taps: constant(part) };
    }),
  };
}

/** x [N, C, H, W] → V [points across, points down, group, C / group, N] */
export function toPoints(
  builder: OnnxBuilder,
  { points: [across, down], group }: FourierPoints,
  { side, x }: { readonly side: FourierSide; readonly x: Value },
): Value {
  const { channels, height, width } = side.extent;
  const lines = reshape(builder, permute(builder, x, [1, 0, 2, 3]), [-1, width]);
  const perLine = builder.op('Gemm', [side.columns, lines], { transB: { i: 1 } });
  const perMap = reshape(builder, perLine, [across, -1, height]);
  const values = builder.op('MatMul', [side.rows, permute(builder, perMap, [0, 2, 1])]);
  return reshape(builder, values, [across, down, group, channels / group, -1]);
}

/** V, chunk by chunk → x: the transpose of {@link toPoints}. */
export function fromPoints(
  builder: OnnxBuilder,
  { points: [across, down] }: FourierPoints,
  { side, chunks }: { readonly side: FourierSide; readonly chunks: readonly Value[] },
): Value {
  const { channels, height, width } = side.extent;
  const [first = '', ...others] = chunks;
  const values = others.length === 0 ? first : builder.op('Concat', chunks, { axis: { i: 0 } });
  const perMap = reshape(builder, values, [across, down, -1]);
  const perLine = builder.op('MatMul', [permute(builder, perMap, [0, 2, 1]), side.rows]);
  const lines = reshape(builder, perLine, [across, -1]);
  const pixels = builder.op('Gemm', [lines, side.columns], { transA: { i: 1 } });
  const swapped = reshape(builder, pixels, [channels, -1, height, width]);
  return permute(builder, swapped, [1, 0, 2, 3]);
}

/** Kernels [group · to / group · from / group, kH · kW] → U [across, points down, group, to / group, from / group] */
export function weightsAtPoints(
  builder: OnnxBuilder,
  { points: [, down], group }: FourierPoints,
  { chunk: { across, taps }, kernels, to, from }: WeightsAtPointsOptions,
): Value {
  const values = builder.op('Gemm', [taps, kernels], { transB: { i: 1 } });
  const shares = [group, to.extent.channels / group, from.extent.channels / group];
  return reshape(builder, values, [across, down, ...shares]);
}

interface WeightsAtPointsOptions {
  readonly chunk: FourierChunk;
  readonly kernels: Value;
  readonly to: FourierSide;
  readonly from: FourierSide;
}

function reshape(builder: OnnxBuilder, value: Value, shape: readonly number[]): Value {
  return builder.op('Reshape', [value, builder.ints(...shape)]);
}

function permute(builder: OnnxBuilder, value: Value, perm: readonly number[]): Value {
  return builder.op('Transpose', [value], { perm: { ints: perm } });
}
