import { checkRange, DECAY_RATE, NOT_NEGATIVE, type Optimizer, POSITIVE } from './optimizer.ts';

export interface AdamConfig {
  /** How weights decay: `adam` adds their share to the gradient (L2), `adamw` takes it off the weight itself. */
  readonly kind: 'adam' | 'adamw';
  /** Share of the running mean that is kept, 0 ≤ β₁ < 1; 0.9 in the paper. */
  readonly beta1: number;
  /** Share of the running mean square that is kept, 0 ≤ β₂ < 1; 0.999 in the paper. */
  readonly beta2: number;
  /** Added to the root of the mean square; 1e-8 in the paper. */
  readonly epsilon: number;
  /** 0 unless given. */
  readonly weightDecay?: number;
}

/**
 * Adam and AdamW, as `torch.optim.Adam` and `torch.optim.AdamW`:
 *
 *   g ← g + wd·w (adam),   w ← w − lr·wd·w (adamw)
 *   m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²
 *   w ← w − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * Both bias corrections move into two scalars:
 *
 *   w ← w + step_size · m / (√v + epsilon_hat),
 *   step_size = −lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ),   epsilon_hat = ε · √(1 − β₂ᵗ)
 *
 * @see Kingma & Ba 2015, algorithm 1 and the end of section 2 · Loshchilov & Hutter 2019, algorithm 2
 */
export const adam: Optimizer<AdamConfig> = {
  check({ beta1, beta2, epsilon, weightDecay = 0 }) {
    checkRange('beta1', beta1, DECAY_RATE);
    checkRange('beta2', beta2, DECAY_RATE);
    checkRange('epsilon', epsilon, POSITIVE);
    checkRange('weightDecay', weightDecay, NOT_NEGATIVE);
  },
  isElementwise: true,
  slots: () => ['m', 'v'],
  scalars: (config) => [
    'step_size',
    'epsilon_hat',
    ...(isDecoupled(config) ? ['negative_learning_rate'] : []),
  ],
  scalarValues(config, { step, learningRate }) {
    const { beta1, beta2, epsilon } = config;
    const rootOfCorrection = Math.sqrt(1 - beta2 ** step);
    return {
      step_size: (-learningRate * rootOfCorrection) / (1 - beta1 ** step),
      epsilon_hat: epsilon * rootOfCorrection,
      ...(isDecoupled(config) ? { negative_learning_rate: -learningRate } : {}),
    };
  },
  gradientScale: () => null,
  update(builder, config, operands) {
    const { weight, weightDecay, slot, scalar, rate, outputs } = operands;
    const { kind, beta1, beta2 } = config;
    const gradient =
      kind === 'adam' && weightDecay > 0
        ? builder.op('Add', [
            operands.gradient.value(),
            builder.op('Mul', [weight, builder.scalar(weightDecay)]),
          ])
        : operands.gradient.value();
    const running = (name: string, share: number, value: string) =>
      builder.op(
        'Add',
        [
          builder.op('Mul', [slot(name), builder.scalar(share)]),
          builder.op('Mul', [value, builder.scalar(1 - share)]),
        ],
        {},
        { output: outputs.slot(name) },
      );
    const mean = running('m', beta1, gradient);
    const meanSquare = running('v', beta2, builder.op('Mul', [gradient, gradient]));
    const divisor = builder.op('Add', [builder.op('Sqrt', [meanSquare]), scalar('epsilon_hat')]);
    const direction = builder.op('Div', [mean, divisor]);
    const step = builder.op('Mul', [direction, rate('step_size')]);
    const change =
      kind === 'adamw' && weightDecay > 0
        ? builder.op('Add', [
            step,
            builder.op('Mul', [weight, rate('negative_learning_rate', weightDecay)]),
          ])
        : step;
    builder.op('Add', [weight, change], {}, { output: outputs.weight });
  },
};

function isDecoupled({ kind, weightDecay = 0 }: AdamConfig): boolean {
  return kind === 'adamw' && weightDecay > 0;
}
