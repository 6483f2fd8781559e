import {
  addFourierPoints,
  type ConvGeometry,
  type FourierPlan,
  type FourierPoints,
  type FourierSide,
  fromPoints,
  type OnnxBuilder,
  planFourier,
  toPoints,
  type Value,
  weightsAtPoints,
} from '@alexnet/export';
import { waitFor } from '../../wait-for.ts';

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
export function createFourierConvolution(
  builder: OnnxBuilder,
  geometry: ConvGeometry,
  [x, weight, bias]: readonly [Value, Value, Value],
): FourierConvolution {
  const axes = planFourier(geometry);
  const points = addFourierPoints(builder, geometry, axes);
  const plan = { builder, geometry, axes, points };
  const { input, output } = points;
  let kept: readonly Value[] | undefined;
  const inputAtPoints = () => {
    kept ??= cut(plan, toPoints(builder, points, { side: input, x }));
    return kept;
  };
  return {
    forward: () => {
      const m = multiplyAtPoints(plan, {
        weight,
        values: inputAtPoints(),
        to: output,
        from: input,
      });
      const y = fromPoints(builder, points, { side: output, chunks: m });
      const { channels } = geometry.dy;
      return builder.op('Add', [y, builder.op('Reshape', [bias, builder.ints(channels, 1, 1)])]);
    },
    backward: (dy) => {
      const dm = cut(plan, toPoints(builder, points, { side: output, x: dy }));
      return {
        data: () => dataGradient(plan, weight, dm),
        weight: () => weightGradient(plan, inputAtPoints(), dm),
      };
    },
  };
}

/** The passes of a convolution, each added to the graph when it is called for; what they share is added once. */
export interface FourierConvolution {
  /** @returns y */
  forward(): Value;
  /** Takes dy to the points; what comes of it there is for both gradients. */
  backward(dy: Value): FourierGradients;
}

export interface FourierGradients {
  /** @returns dx */
  data(): Value;
  /** @returns dw */
  weight(): Value;
}

/** What the parts of a convolution share. */
interface Plan {
  readonly builder: OnnxBuilder;
  readonly geometry: ConvGeometry;
  readonly axes: FourierPlan;
  readonly points: FourierPoints;
}

function cut({ builder, points: { chunks } }: Plan, values: Value): readonly Value[] {
  if (chunks.length === 1) return [values];
  const sizes = builder.ints(...chunks.map(({ across }) => across));
  return builder.ops('Split', [values, sizes], { axis: { i: 0 } }, chunks.length);
}

interface PointProduct {
  /** Kernels in the order [group, to / group, from / group], in whatever shape. */
  readonly weight: Value;
  /** [P, group, from / group, N], chunk by chunk */
  readonly values: readonly Value[];
  readonly to: FourierSide;
  readonly from: FourierSide;
}

/**
 * Weights at the points times values there: [P, group, to / group, N], chunk by chunk.
 *
 * The weights at the points depend on nothing but the weights, and a runtime may make those of all layers before
 * anything else. So each chunk of them waits for the product before.
 */
function multiplyAtPoints(
  { builder, points, geometry: { group, kernel } }: Plan,
  { weight, values, to, from }: PointProduct,
): readonly Value[] {
  const lines = [(to.extent.channels * from.extent.channels) / group, kernel[0] * kernel[1]];
  const products: Value[] = [];
  for (const [i, chunk] of points.chunks.entries()) {
    const value = values[i] ?? '';
    const kernels = waitFor(builder, weight, lines, [products.at(-1) ?? value]);
    const u = weightsAtPoints(builder, points, { chunk, kernels, to, from });
    products.push(builder.op('MatMul', [u, value]));
  }
  return products;
}

function dataGradient(plan: Plan, weight: Value, dm: readonly Value[]): Value {
  const { builder, geometry, points } = plan;
  const { input, output } = points;
  const { x, dy, group, kernel } = geometry;
  const shape = [group, dy.channels / group, x.channels / group, kernel[0] * kernel[1]];
  // In and out change places while the weights are few: a product with U transposed takes twice the time.
  const turned = permute(builder, reshape(builder, weight, shape), [0, 2, 1, 3]);
  const dv = multiplyAtPoints(plan, { weight: turned, values: dm, to: input, from: output });
  return fromPoints(builder, points, { side: input, chunks: dv });
}

/**
 * dU chunk by chunk, taken back to the taps down the map while it is in the cache, then to those across it. The pairs of
 * channels are the columns of both products: as their rows they would be turned round, as long as they are.
 */
function weightGradient(plan: Plan, v: readonly Value[], dm: readonly Value[]): Value {
  const { builder, geometry, axes } = plan;
  const { points, chunks } = plan.points;
  const { x, dy, group, kernel } = geometry;
  const inChannels = x.channels / group;
  const pairs = dy.channels * inChannels;
  const down = addTurned(builder, axes.rows.taps);
  const lines: Value[] = [];
  for (const [i, { across }] of chunks.entries()) {
    const shape = [across, points[1], group, inChannels, x.batch];
    const next = waitFor(builder, v[i] ?? '', shape, lines.slice(-1));
    const picturesFirst = permute(builder, next, [0, 1, 2, 4, 3]);
    const du = builder.op('MatMul', [dm[i] ?? '', picturesFirst]);
    const flat = reshape(builder, du, [across, points[1], pairs]);
    lines.push(builder.op('MatMul', [down, flat])); // [across, kH, pairs]
  }
  const [first = '', ...others] = lines;
  const all = others.length === 0 ? first : builder.op('Concat', lines, { axis: { i: 0 } });
  const flat = reshape(builder, all, [points[0], kernel[0] * pairs]);
  const taps = builder.op('Gemm', [addTurned(builder, axes.columns.taps), flat]);
  const pairsLast = reshape(builder, taps, [kernel[1], kernel[0], pairs]);
  const dw = permute(builder, pairsLast, [2, 1, 0]);
  return reshape(builder, dw, [dy.channels, inChannels, ...kernel]);
}

/** [points, taps] → [taps, points] */
function addTurned(
  builder: OnnxBuilder,
  { rows, columns, values }: FourierPlan['rows']['taps'],
): Value {
  const turned = Float32Array.from(
    values,
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
  );
  return builder.constant(turned, [columns, rows]);
}

function reshape(builder: OnnxBuilder, value: Value, shape: readonly number[]): Value {
  return builder.op('Reshape', [value, builder.ints(...shape)]);
}

function permute(builder: OnnxBuilder, value: Value, perm: readonly number[]): Value {
  return builder.op('Transpose', [value], { perm: { ints: perm } });
}
