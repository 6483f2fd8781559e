import { checkRange, DECAY_RATE, NOT_NEGATIVE, type Optimizer } from './optimizer.ts';

export interface SgdConfig {
  readonly kind: 'sgd';
  /** μ, 0 ≤ μ < 1; 0.9 in the paper. 0 keeps no slot. */
  readonly momentum: number;
  /** Share of the weight that is added to its gradient; 0.0005 in the paper. */
  readonly weightDecay: number;
}

/**
 * Stochastic gradient descent with momentum, the learning rate inside the momentum:
 *
 *   v ← μ·v − lr·(g + wd·w),   w ← w + v
 *
 * PyTorch keeps the rate outside (w ← w − lr·v): the same for a constant rate only.
 *
 * @see Krizhevsky et al. 2012, §5 · Caffe `SGDSolver`
 */
export const sgd: Optimizer<SgdConfig> = {
  check({ momentum, weightDecay }) {
    checkRange('momentum', momentum, DECAY_RATE);
    checkRange('weightDecay', weightDecay, NOT_NEGATIVE);
  },
  slots: ({ momentum }) => (momentum > 0 ? ['momentum'] : []),
  scalars: ({ weightDecay }) => [
    'negative_learning_rate',
    ...(weightDecay > 0 ? ['negative_decay'] : []),
  ],
  scalarValues: ({ weightDecay }, { learningRate }) => ({
    negative_learning_rate: -learningRate,
    ...(weightDecay > 0 ? { negative_decay: -learningRate * weightDecay } : {}),
  }),
  gradientScale: 'negative_learning_rate',
  update(builder, { momentum, weightDecay }, { weight, gradient, slot, scalar, outputs }) {
    const decayed =
      weightDecay > 0
        ? builder.op('Add', [gradient, builder.op('Mul', [weight, scalar('negative_decay')])])
        : gradient;
    if (momentum === 0) {
      builder.op('Add', [weight, decayed], {}, { output: outputs.weight });
      return;
    }
    const kept = builder.op('Mul', [slot('momentum'), builder.scalar(momentum)]);
    const velocity = builder.op('Add', [kept, decayed], {}, { output: outputs.slot('momentum') });
    builder.op('Add', [weight, velocity], {}, { output: outputs.weight });
  },
};
