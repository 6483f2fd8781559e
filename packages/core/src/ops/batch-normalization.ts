import { AlexNetError } from '../errors.ts';
import { readNumber } from '../read-number.ts';
import { formatShape } from '../tensor.ts';
import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';

export interface BatchNormalizationAttributes {
  /** Added to the variance; above 0. */
  readonly epsilon: number;
  /**
   * What running statistics keep of themselves at a training step, 0 to 1:
   * running = momentum · running + (1 − momentum) · batch. PyTorch's momentum is 1 minus this one.
   */
  readonly momentum: number;
}

/** inputs: x [N, C, H, W] or [N, C], scale [C], bias [C], running mean [C], running variance [C] → as x */
export type BatchNormalizationNode = NodeBase<
  'BatchNormalization',
  readonly [string, string, string, string, string],
  BatchNormalizationAttributes
>;

/** Operands behind x. */
const ROLES = ['scale', 'bias', 'mean', 'variance'] as const;

/**
 * Batch normalisation: each channel is shifted and scaled to zero mean and unit variance, then by what it learns.
 *
 *   y = scale[c] · (x − mean[c]) / √(variance[c] + epsilon) + bias[c]
 *
 * In inference mean and variance are the running ones; in training they are the batch's, over N, H and W,
 * the variance the biased one (divided by the number of values), and the running ones follow them.
 *
 * Shape: x [N, C, H, W] or [N, C], scale, bias, mean, variance [C] → y as x
 *
 * @see Ioffe & Szegedy 2015, algorithms 1 and 2 · ONNX BatchNormalization-15
 */
export const batchNormalization: OpDefinition<BatchNormalizationNode> = {
  arity: 5,
  parseAttributes: (json) => ({
    epsilon: readNumber(json.field('epsilon'), { above: 0 }),
    momentum: readNumber(json.field('momentum'), { min: 0, max: 1 }),
  }),
  inferShape({ name, inputs }, [x, ...arrays]) {
    if (x.length !== 4 && x.length !== 2) {
      throw new AlexNetError('SHAPE_MISMATCH', {
        message: `${name} (BatchNormalization) expects an input of rank 4 or 2 but got ${formatShape(x)}.`,
        hint: 'Pictures are [N, C, H, W], what a Gemm gives is [N, features].',
        path: [name],
      });
    }
    const [, C = 0] = x;
    for (const [index, role] of ROLES.entries()) {
      const found = formatShape(arrays[index] ?? []);
      const array = inputs[index + 1] ?? '';
      if (found === formatShape([C])) continue;
      throw new AlexNetError('SHAPE_MISMATCH', {
        message: `${array} is ${found}, but ${inputs[0]} gives ${name} ${C} channels.`,
        hint: `The ${role} of a BatchNormalization has one number for each channel: expected ${formatShape([C])}.`,
        path: [name, array],
      });
    }
    return x;
  },
};
