import type { NodeOf, Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import type { BatchStatistics, Lowered, OpLowering, PerOperand } from './op-lowering.ts';

type BatchNormalization = NodeOf<'BatchNormalization'>;
type Operands = PerOperand<BatchNormalization['inputs'], Value>;
type LoweredNode = Lowered<BatchNormalization['inputs']>;

/** float32 [1, C] or [C] as what goes with [N, C, P]; likewise [N, C]. */
type Spread = (perChannel: Value) => Value;

/**
 * Each channel at zero mean and unit variance, then scaled and shifted by what it learns: by the batch's mean
 * and variance where the layer learns, else by the running ones.
 *
 * Maps are seen as [N, C, P], P = H·W, or 1 for [N, C].
 */
export const batchNormalization: OpLowering<BatchNormalization> = {
  lower({ builder, shapeOf, batchStatistics }, node, operands) {
    const shape = shapeOf(node.inputs[0]);
    const statistics = batchStatistics(node);
    return statistics
      ? byBatch(builder, node, { operands, shape, statistics })
      : byRunningStatistics(builder, node, { operands, shape });
  },
};

/**
 * With mean and variance of the batch, p 1 for a picture and 0 for padding, M the number of the pictures' values:
 *
 *   μ = Σ p·x / M,   σ² = Σ p·(x − μ)² / M,   a = scale / √(σ² + ε),   y = p·a·(x − μ) + bias
 *   dbias = Σ dy,   dscale = Σ dy·(x − μ) / √(σ² + ε)
 *   dx = p·a·(dy − (dbias + dscale·(x − μ) / √(σ² + ε)) / M)
 *
 * The variance is taken of the centred values: Σ x² − μ² has no digits left where a channel's mean is large.
 * Padding takes no part: it comes out as `bias`, however far off its pixels are.
 *
 * @see Ioffe & Szegedy 2015, algorithm 1 and the gradients at the end of §3
 */
function byBatch(
  builder: OnnxBuilder,
  { inputs, attributes: { epsilon, momentum } }: BatchNormalization,
  {
    operands: [x, scale, bias],
    shape,
    statistics,
  }: { operands: Operands; shape: Shape; statistics: BatchStatistics },
): LoweredNode {
  const { presence, shares } = statistics;
  const [, C = 0, ...map] = shape;
  const P = map.reduce((product, length) => product * length, 1);
  const perChannel: Spread = (value) => builder.op('Reshape', [value, builder.ints(1, C, 1)]);
  const perMap: Spread = (value) => builder.op('Reshape', [value, builder.ints(0, C, 1)]);
  const meanOfPictures = (values: Value) => {
    const means = builder.op('ReduceMean', [values, builder.ints(2)], { keepdims: { i: 0 } });
    return builder.op('MatMul', [shares, means]); // [1, N] · [N, C]
  };

  const x3 = toMaps(builder, x, C);
  const mean = meanOfPictures(x3);
  const centred = builder.op('Sub', [x3, perChannel(mean)]);
  const variance = meanOfPictures(builder.op('Mul', [centred, centred]));
  const inverse = invertRoot(builder, variance, epsilon); // [1, C]
  const slope = builder.op('Mul', [scale, inverse]);
  const slopes = perMap(builder.op('Mul', [asColumn(builder, presence), slope]));
  const y3 = builder.op('Add', [builder.op('Mul', [centred, slopes]), perChannel(bias)]);
  statistics.update(inputs[3], mean, momentum);
  statistics.update(inputs[4], variance, momentum);
  return {
    output: builder.op('Reshape', [y3, builder.ints(0, C, ...map)]),
    backward: (dy, [wantsX, wantsScale, wantsBias]) => {
      const dy3 = toMaps(builder, dy, C);
      const dBias = sumPerChannel(builder, dy3);
      const products = sumPerChannel(builder, builder.op('Mul', [dy3, centred]));
      const flat = builder.ints(C);
      const dScale = builder.op('Reshape', [builder.op('Mul', [products, inverse]), flat]);
      const result = (dx: Value | null) =>
        [dx, wantsScale ? dScale : null, wantsBias ? dBias : null, null, null] as const;
      if (!wantsX) return result(null);

      const column = asColumn(builder, builder.op('Div', [shares, builder.scalar(P)]));
      const share = (sum: Value) => perMap(builder.op('Mul', [column, sum]));
      const alongX = share(builder.op('Mul', [dScale, inverse]));
      const common = builder.op('Add', [builder.op('Mul', [centred, alongX]), share(dBias)]);
      const dx3 = builder.op('Mul', [builder.op('Sub', [dy3, common]), slopes]);
      return result(builder.op('Reshape', [dx3, builder.ints(...shape)]));
    },
  };
}

/**
 * With the running mean m and variance v, in inference and where the layer does not learn:
 *
 *   a = scale / √(v + ε),   y = a·(x − m) + bias
 *   dx = a·dy,   dscale = Σ dy·(x − m) / √(v + ε),   dbias = Σ dy
 */
function byRunningStatistics(
  builder: OnnxBuilder,
  { attributes: { epsilon } }: BatchNormalization,
  { operands, shape }: { operands: Operands; shape: Shape },
): LoweredNode {
  const [x, scale, , mean, variance] = operands;
  const [, C = 0] = shape;
  const perChannel: Spread = (value) => builder.op('Reshape', [value, builder.ints(1, C, 1)]);
  return {
    output: builder.op('BatchNormalization', operands, { epsilon: { f: epsilon } }),
    backward: (dy, [wantsX, wantsScale, wantsBias]) => {
      const dy3 = toMaps(builder, dy, C);
      const inverse = invertRoot(builder, variance, epsilon); // [C]
      const dx = () => {
        const slope = perChannel(builder.op('Mul', [scale, inverse]));
        return builder.op('Reshape', [builder.op('Mul', [dy3, slope]), builder.ints(...shape)]);
      };
      const dScale = () => {
        const centred = builder.op('Sub', [toMaps(builder, x, C), perChannel(mean)]);
        const products = sumPerChannel(builder, builder.op('Mul', [dy3, centred]));
        return builder.op('Mul', [products, inverse]);
      };
      return [
        wantsX ? dx() : null,
        wantsScale ? dScale() : null,
        wantsBias ? sumPerChannel(builder, dy3) : null,
        null,
        null,
      ];
    },
  };
}

/** [N, C, H, W] or [N, C] as [N, C, P] */
function toMaps(builder: OnnxBuilder, value: Value, channels: number): Value {
  return builder.op('Reshape', [value, builder.ints(0, channels, -1)]);
}

/** [N, C, P] → [C] */
function sumPerChannel(builder: OnnxBuilder, value: Value): Value {
  return builder.op('ReduceSum', [value, builder.ints(0, 2)], { keepdims: { i: 0 } });
}

/** 1 / √(v + ε) */
function invertRoot(builder: OnnxBuilder, variance: Value, epsilon: number): Value {
  const root = builder.op('Sqrt', [builder.op('Add', [variance, builder.scalar(epsilon)])]);
  return builder.op('Reciprocal', [root]);
}

/** [1, N] → [N, 1] */
function asColumn(builder: OnnxBuilder, row: Value): Value {
  return builder.op('Reshape', [row, builder.ints(-1, 1)]);
}
