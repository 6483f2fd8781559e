import type { TrainingProgress } from '../checkpoint/checkpoint.ts';
import { observeEpoch, type ScheduleConfig } from '../schedule/schedule.ts';
import type { ValidationFigures } from './training-event.ts';

/** A training after a validation: the best so far, and how long it has not improved. */
export function observeValidation(
  progress: TrainingProgress,
  validation: ValidationFigures,
  schedule: ScheduleConfig,
): { readonly progress: TrainingProgress; readonly isBest: boolean } {
  const { best, step } = progress;
  // What is no number is no best, the first one either.
  const isBest =
    Number.isFinite(validation.loss) && (!best || isBetter(validation, best.validation));
  const plateau =
    schedule.kind === 'plateau'
      ? observeEpoch(progress.plateau, 1 - validation.top1, schedule)
      : progress.plateau;
  return {
    progress: { ...progress, plateau, ...(isBest ? { best: { step, validation } } : {}) },
    isBest,
  };
}

/** By top-1, and where that is equal by the loss. */
function isBetter(figures: ValidationFigures, others: ValidationFigures): boolean {
  return figures.top1 > others.top1 || (figures.top1 === others.top1 && figures.loss < others.loss);
}
