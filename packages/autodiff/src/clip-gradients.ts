import { AlexNetError } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { createGradient, type Gradient } from './gradient.ts';

/** A limit to the gradients of a step, before the optimiser sees them. */
export interface GradientClip {
  /** `norm`: all gradients together, as one vector, are shortened to the limit. `value`: each number is. */
  readonly by: 'norm' | 'value';
  /** Above 0. */
  readonly limit: number;
}

/** PyTorch adds it to the norm that it divides by. */
const NORM_EPSILON = 1e-6;

/**
 * Adds the clipping of gradients.
 *
 * `norm` waits for the last gradient before the first parameter can move. Those of large matrices are products, whose
 * norm is known and whose operand is shortened before they are made, unless a batch is large as well.
 *
 *   norm: g ← g · min(1, limit / (‖all g‖ + 1e-6)),   value: g ← min(max(g, −limit), limit)
 *
 * @returns one for each gradient, in their order
 * @see Pascanu et al. 2013, algorithm 1 · `torch.nn.utils.clip_grad_norm_`, `clip_grad_value_`
 */
export function clipGradients(
  builder: OnnxBuilder,
  gradients: readonly Gradient[],
  { by, limit }: GradientClip,
): readonly Gradient[] {
  return builder.scope('clip', () => {
    if (by === 'value') {
      const bounds = [builder.scalar(-limit), builder.scalar(limit)];
      return gradients.map((gradient) =>
        createGradient(builder, builder.op('Clip', [gradient.value(), ...bounds])),
      );
    }
    const measured = gradients.map((gradient) => measure(builder, gradient));
    const squares = measured.map(({ squaredNorm }) => squaredNorm);
    const norm = builder.op('Sqrt', [builder.op('Sum', squares)]);
    const divisor = builder.op('Add', [norm, builder.scalar(NORM_EPSILON)]);
    const share = builder.op('Div', [builder.scalar(limit), divisor]);
    const factor = builder.op('Min', [share, builder.scalar(1)]);
    return measured.map(({ gradient }) => gradient.times(factor));
  });
}

/** A gradient with its squared norm: made, where that is sooner. */
function measure(
  builder: OnnxBuilder,
  gradient: Gradient,
): { readonly gradient: Gradient; readonly squaredNorm: Value } {
  if (gradient.squaredNorm) return { gradient, squaredNorm: gradient.squaredNorm() };
  const value = gradient.value();
  return {
    gradient: createGradient(builder, value),
    squaredNorm: builder.op('ReduceSumSquare', [value], { keepdims: { i: 0 } }),
  };
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` */
export function checkClip({ by, limit }: GradientClip): void {
  if (!['norm', 'value'].includes(by) || !Number.isFinite(limit) || limit <= 0) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `Gradients cannot be clipped by ${by} to ${limit}.`,
      hint: 'Clip by "norm" or by "value", to a limit above 0.',
      path: ['clip'],
    });
  }
}
