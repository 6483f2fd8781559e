import type { DeviceRecipe } from './device-recipe.ts';
import { createLoopRunner } from './loop-runner.ts';
import type { StepRunner, StepRunnerOptions } from './step-runner.ts';
import { createSumRunner } from './sum-runner.ts';
import { createWholeRunner } from './whole-runner.ts';

/** A batch that is taken in parts has a form of its own, on every device. */
export function createStepRunner(
  form: DeviceRecipe['form'],
  options: StepRunnerOptions,
): Promise<StepRunner> {
  if (options.plan.microBatches > 1) return createSumRunner(options);
  return form === 'loop' ? createLoopRunner(options) : createWholeRunner(options);
}
