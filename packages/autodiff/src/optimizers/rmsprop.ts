import { checkRange, DECAY_RATE, NOT_NEGATIVE, type Optimizer, POSITIVE } from './optimizer.ts';

export interface RmspropConfig {
  readonly kind: 'rmsprop';
  /** Share of the running mean square that is kept, 0 ≤ α < 1; 0.99 in PyTorch. */
  readonly smoothing: number;
  /** Added to the root of the mean square; 1e-8 in PyTorch. */
  readonly epsilon: number;
  /** 0 ≤ μ < 1. 0 keeps no slot for it. */
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * RMSprop, as `torch.optim.RMSprop`, d = g + wd·w:
 *
 *   v ← α·v + (1 − α)·d²,   b ← μ·b + d / (√v + ε),   w ← w − lr·b
 *
 * TensorFlow adds ε under the root.
 *
 * @see Tieleman & Hinton 2012, lecture 6.5
 */
export const rmsprop: Optimizer<RmspropConfig> = {
  check({ smoothing, epsilon, momentum, weightDecay }) {
    checkRange('smoothing', smoothing, DECAY_RATE);
    checkRange('epsilon', epsilon, POSITIVE);
    checkRange('momentum', momentum, DECAY_RATE);
    checkRange('weightDecay', weightDecay, NOT_NEGATIVE);
  },
  isElementwise: true,
  slots: ({ momentum }) => ['square', ...(momentum > 0 ? ['momentum'] : [])],
  scalars: () => ['negative_learning_rate'],
  scalarValues: (_config, { learningRate }) => ({ negative_learning_rate: -learningRate }),
  gradientScale: () => null,
  update(builder, { smoothing, epsilon, momentum }, operands) {
    const { weight, weightDecay, slot, rate, outputs } = operands;
    const gradient =
      weightDecay > 0
        ? builder.op('Add', [
            operands.gradient.value(),
            builder.op('Mul', [weight, builder.scalar(weightDecay)]),
          ])
        : operands.gradient.value();
    const square = builder.op(
      'Add',
      [
        builder.op('Mul', [slot('square'), builder.scalar(smoothing)]),
        builder.op('Mul', [builder.op('Mul', [gradient, gradient]), builder.scalar(1 - smoothing)]),
      ],
      {},
      { output: outputs.slot('square') },
    );
    const divisor = builder.op('Add', [builder.op('Sqrt', [square]), builder.scalar(epsilon)]);
    const scaled = builder.op('Div', [gradient, divisor]);
    const direction =
      momentum > 0
        ? builder.op(
            'Add',
            [builder.op('Mul', [slot('momentum'), builder.scalar(momentum)]), scaled],
            {},
            { output: outputs.slot('momentum') },
          )
        : scaled;
    const change = builder.op('Mul', [direction, rate('negative_learning_rate')]);
    builder.op('Add', [weight, change], {}, { output: outputs.weight });
  },
};
