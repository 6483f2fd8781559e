import { checkRange, DECAY_RATE, NOT_NEGATIVE, type Optimizer, POSITIVE } from './optimizer.ts';

export interface AdamConfig {
  readonly kind: 'adam';
  /** Share of the running mean that is kept, 0 ≤ β₁ < 1; 0.9 in the paper. */
  readonly beta1: number;
  /** Share of the running mean square that is kept, 0 ≤ β₂ < 1; 0.999 in the paper. */
  readonly beta2: number;
  /** Added to the root of the mean square; 1e-8 in the paper. */
  readonly epsilon: number;
  /** Share of the weight that is added to its gradient (L2, not AdamW's); 0 unless given. */
  readonly weightDecay?: number;
}

/**
 * Adam, as `torch.optim.Adam`:
 *
 *   m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²
 *   w ← w − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * Both bias corrections move into two scalars:
 *
 *   w ← w + step_size · m / (√v + epsilon_hat),
 *   step_size = −lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ),   epsilon_hat = ε · √(1 − β₂ᵗ)
 *
 * @see Kingma & Ba 2015, algorithm 1 and the end of section 2
 */
export const adam: Optimizer<AdamConfig> = {
  check({ beta1, beta2, epsilon, weightDecay = 0 }) {
    checkRange('beta1', beta1, DECAY_RATE);
    checkRange('beta2', beta2, DECAY_RATE);
    checkRange('epsilon', epsilon, POSITIVE);
    checkRange('weightDecay', weightDecay, NOT_NEGATIVE);
  },
  slots: () => ['m', 'v'],
  scalars: () => ['step_size', 'epsilon_hat'],
  scalarValues({ beta1, beta2, epsilon }, { step, learningRate }) {
    const rootOfCorrection = Math.sqrt(1 - beta2 ** step);
    return {
      step_size: (-learningRate * rootOfCorrection) / (1 - beta1 ** step),
      epsilon_hat: epsilon * rootOfCorrection,
    };
  },
  gradientScale: null,
  update(builder, config, { weight, gradient, slot, scalar, outputs }) {
    const { beta1, beta2, weightDecay = 0 } = config;
    const decayed =
      weightDecay > 0
        ? builder.op('Add', [gradient, builder.op('Mul', [weight, builder.scalar(weightDecay)])])
        : gradient;
    const mean = builder.op(
      'Add',
      [
        builder.op('Mul', [slot('m'), builder.scalar(beta1)]),
        builder.op('Mul', [decayed, builder.scalar(1 - beta1)]),
      ],
      {},
      { output: outputs.slot('m') },
    );
    const square = builder.op('Mul', [decayed, decayed]);
    const meanSquare = builder.op(
      'Add',
      [
        builder.op('Mul', [slot('v'), builder.scalar(beta2)]),
        builder.op('Mul', [square, builder.scalar(1 - beta2)]),
      ],
      {},
      { output: outputs.slot('v') },
    );
    const root = builder.op('Sqrt', [meanSquare]);
    const divisor = builder.op('Add', [root, scalar('epsilon_hat')]);
    const direction = builder.op('Div', [mean, divisor]);
    builder.op(
      'Add',
      [weight, builder.op('Mul', [direction, scalar('step_size')])],
      {},
      { output: outputs.weight },
    );
  },
};
