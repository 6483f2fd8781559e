import type { OnnxBuilder, Value } from '@alexnet/export';
import { checkRange, DECAY_RATE, NOT_NEGATIVE, type Optimizer, POSITIVE } from './optimizer.ts';

export interface LarsConfig {
  readonly kind: 'lars';
  /** μ, 0 ≤ μ < 1; 0.9 in the paper. */
  readonly momentum: number;
  /** β, 0.0005 in the paper. Biases and other vectors do not decay. */
  readonly weightDecay: number;
  /** η, how far a layer trusts its gradient; 0.001 in the paper. */
  readonly trustCoefficient: number;
}

/**
 * Layer-wise adaptive rate scaling: each weight array moves by a share of its own length.
 *
 *   λ = η · ‖w‖ / (‖g‖ + β·‖w‖)   (1 where a norm is 0, and for biases and other vectors, which do not decay)
 *   v ← μ·v − lr·λ·(g + β·w),   w ← w + v
 *
 * @see You, Gitman & Ginsburg 2017, "Large batch training of convolutional networks", algorithm 1
 */
export const lars: Optimizer<LarsConfig> = {
  check({ momentum, weightDecay, trustCoefficient }) {
    checkRange('momentum', momentum, DECAY_RATE);
    checkRange('weightDecay', weightDecay, NOT_NEGATIVE);
    checkRange('trustCoefficient', trustCoefficient, POSITIVE);
  },
  isElementwise: false,
  slots: ({ momentum }) => (momentum > 0 ? ['momentum'] : []),
  scalars: () => ['negative_learning_rate'],
  scalarValues: (_config, { learningRate }) => ({ negative_learning_rate: -learningRate }),
  gradientScale: () => null,
  update(builder, { momentum, trustCoefficient }, operands) {
    const { shape, weight, weightDecay, slot, rate, outputs } = operands;
    const gradient = operands.gradient.value();
    const isVector = shape.length === 1;
    const decay = builder.scalar(weightDecay);
    const decayed =
      !isVector && weightDecay > 0
        ? builder.op('Add', [gradient, builder.op('Mul', [weight, decay])])
        : gradient;
    const negativeRate = rate('negative_learning_rate');
    const factor = isVector
      ? negativeRate
      : builder.op('Mul', [
          negativeRate,
          trustRatio(builder, { weight, gradient, decay, trustCoefficient }),
        ]);
    const step = builder.op('Mul', [decayed, factor]);
    const velocity =
      momentum > 0
        ? builder.op(
            'Add',
            [builder.op('Mul', [slot('momentum'), builder.scalar(momentum)]), step],
            {},
            { output: outputs.slot('momentum') },
          )
        : step;
    builder.op('Add', [weight, velocity], {}, { output: outputs.weight });
  },
};

function trustRatio(
  builder: OnnxBuilder,
  {
    weight,
    gradient,
    decay,
    trustCoefficient,
  }: {
    readonly weight: Value;
    readonly gradient: Value;
    readonly decay: Value;
    readonly trustCoefficient: number;
  },
): Value {
  const norm = (value: Value) => builder.op('ReduceL2', [value], { keepdims: { i: 0 } });
  const weightNorm = norm(weight);
  const gradientNorm = norm(gradient);
  const divisor = builder.op('Add', [gradientNorm, builder.op('Mul', [weightNorm, decay])]);
  const scaled = builder.op('Mul', [weightNorm, builder.scalar(trustCoefficient)]);
  const zero = builder.scalar(0);
  const isDefined = builder.op('And', [
    builder.op('Greater', [weightNorm, zero]),
    builder.op('Greater', [gradientNorm, zero]),
  ]);
  return builder.op('Where', [isDefined, builder.op('Div', [scaled, divisor]), builder.scalar(1)]);
}
