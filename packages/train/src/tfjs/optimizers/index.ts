import type { OptimizerConfig } from '@alexnet/autodiff';
import { AlexNetError } from '@alexnet/core';
import { adam } from './adam.ts';
import { lars } from './lars.ts';
import type { UpdatedParameter, UpdateOperands } from './operands.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

/** Moves one parameter by its gradient. */
export function optimize(config: OptimizerConfig, operands: UpdateOperands): UpdatedParameter {
  switch (config.kind) {
    case 'sgd':
      return sgd(config, operands);
    case 'adam':
    case 'adamw':
      return adam(config, operands);
    case 'rmsprop':
      return rmsprop(config, operands);
    case 'lars':
      return lars(config, operands);
    default:
      throw new AlexNetError('INTERNAL', {
        message: `There is no rule for ${JSON.stringify(config satisfies never)}.`,
      });
  }
}
