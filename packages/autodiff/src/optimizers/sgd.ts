import { AlexNetError } from '@alexnet/core';
import type { Value } from '@alexnet/export';
import { checkRange, DECAY_RATE, NOT_NEGATIVE, type Optimizer } from './optimizer.ts';

export interface SgdConfig {
  readonly kind: 'sgd';
  /** μ, 0 ≤ μ < 1; 0.9 in the paper. 0 keeps no slot. */
  readonly momentum: number;
  /** Share of the weight that is added to its gradient; 0.0005 in the paper. */
  readonly weightDecay: number;
  /** Whose rule: `caffe`, which is the paper's (unless given), or `pytorch`. */
  readonly rule?: SgdRule;
  /** Looks ahead along the momentum. Not so unless given. */
  readonly nesterov?: boolean;
}

export const SGD_RULES = ['caffe', 'pytorch'] as const;
export type SgdRule = (typeof SGD_RULES)[number];

/**
 * Stochastic gradient descent with momentum, d = g + wd·w.
 *
 * `caffe` has the learning rate inside the momentum, as the paper:
 *
 *   v ← μ·v − lr·d,   w ← w + v   (Nesterov: w ← w + (1 + μ)·v − μ·v_old)
 *
 * `pytorch` has it outside: the same for a constant rate only.
 *
 *   v ← μ·v + d,   w ← w − lr·v   (Nesterov: w ← w − lr·(d + μ·v))
 *
 * @see Krizhevsky et al. 2012, §5 · Caffe `SGDSolver`, `NesterovSolver` · `torch.optim.SGD`
 */
export const sgd: Optimizer<SgdConfig> = {
  check({ momentum, weightDecay, rule = 'caffe', nesterov = false }) {
    checkRange('momentum', momentum, DECAY_RATE);
    checkRange('weightDecay', weightDecay, NOT_NEGATIVE);
    if (!SGD_RULES.includes(rule)) {
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `Unknown rule of sgd "${rule}".`,
        hint: `Use one of ${SGD_RULES.join(', ')}.`,
        path: ['optimizer', 'rule'],
      });
    }
    if (nesterov && momentum === 0) {
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: 'Nesterov looks ahead along the momentum, but momentum is 0.',
        hint: 'Use a momentum above 0, 0.9 for example.',
        path: ['optimizer', 'nesterov'],
      });
    }
  },
  isElementwise: true,
  slots: ({ momentum }) => (momentum > 0 ? ['momentum'] : []),
  scalars: () => ['negative_learning_rate'],
  scalarValues: (_config, { learningRate }) => ({ negative_learning_rate: -learningRate }),
  gradientScale: (config) => (isRateInside(config) ? 'negative_learning_rate' : null),
  update(builder, config, operands) {
    const { weight, gradient, weightDecay, slot, rate, outputs, addStageOf } = operands;
    const { momentum, nesterov = false } = config;
    const negativeRate = (factor?: number) => rate('negative_learning_rate', factor);
    const inside = isRateInside(config);
    const addToWeight = (change: Value) => {
      builder.op('Add', [weight, change], {}, { output: outputs.weight });
    };
    const decay =
      weightDecay > 0
        ? { weight, rate: inside ? negativeRate(weightDecay) : builder.scalar(weightDecay) }
        : null;
    if (momentum > 0 && !nesterov) {
      const velocity = gradient.addTo({
        array: slot('momentum'),
        factor: momentum,
        decay,
        output: outputs.slot('momentum'),
        addStage: addStageOf('momentum'),
      });
      return addToWeight(inside ? velocity : builder.op('Mul', [velocity, negativeRate()]));
    }
    const direction = decay
      ? builder.op('Add', [gradient.value(), builder.op('Mul', [weight, decay.rate])])
      : gradient.value();
    if (momentum === 0) return addToWeight(direction);

    const kept = builder.op('Mul', [slot('momentum'), builder.scalar(momentum)]);
    const velocity = builder.op('Add', [kept, direction], {}, { output: outputs.slot('momentum') });
    if (inside) {
      const ahead = builder.op('Mul', [velocity, builder.scalar(1 + momentum)]);
      return addToWeight(builder.op('Sub', [ahead, kept]));
    }
    const next = builder.op('Mul', [velocity, builder.scalar(momentum)]);
    addToWeight(builder.op('Mul', [builder.op('Add', [direction, next]), negativeRate()]));
  },
};

/** Without momentum both rules are the same. */
function isRateInside({ rule = 'caffe', momentum }: SgdConfig): boolean {
  return rule === 'caffe' || momentum === 0;
}
