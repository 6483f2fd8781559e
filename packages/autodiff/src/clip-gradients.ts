import { AlexNetError } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';

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
 * `norm` waits for the last gradient before the first parameter can move: all of them lie in memory at once.
 *
 *   norm: g ← g · min(1, limit / (‖all g‖ + 1e-6)),   value: g ← min(max(g, −limit), limit)
 *
 * @returns one value for each gradient, in their order
 * @see Pascanu et al. 2013, algorithm 1 · `torch.nn.utils.clip_grad_norm_`, `clip_grad_value_`
 */
export function clipGradients(
  builder: OnnxBuilder,
  gradients: readonly Value[],
  { by, limit }: GradientClip,
): readonly Value[] {
  return builder.scope('clip', () => {
    if (by === 'value') {
      const bounds = [builder.scalar(-limit), builder.scalar(limit)];
      return gradients.map((gradient) => builder.op('Clip', [gradient, ...bounds]));
    }
    const squares = gradients.map((gradient) =>
      builder.op('ReduceSumSquare', [gradient], { keepdims: { i: 0 } }),
    );
    const norm = builder.op('Sqrt', [builder.op('Sum', squares)]);
    const divisor = builder.op('Add', [norm, builder.scalar(NORM_EPSILON)]);
    const share = builder.op('Div', [builder.scalar(limit), divisor]);
    const factor = builder.op('Min', [share, builder.scalar(1)]);
    return gradients.map((gradient) => builder.op('Mul', [gradient, factor]));
  });
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
