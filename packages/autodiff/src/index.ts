export { buildForward, type ForwardModel, type ForwardOptions } from './build-forward.ts';
export { buildTrainingStep, type TrainingStepOptions } from './build-training-step.ts';
export { checkInPlaceUpdate } from './check-in-place-update.ts';
export type { AdamConfig } from './optimizers/adam.ts';
export {
  OPTIMIZER_KINDS,
  type OptimizerConfig,
  optimizerScalars,
  optimizerSlots,
} from './optimizers/index.ts';
export type { StepPosition } from './optimizers/optimizer.ts';
export type { SgdConfig } from './optimizers/sgd.ts';
export type { GradientOutput, MaskInput, StateArray, TrainingStep } from './training-step.ts';
