export { buildForward, type ForwardModel, type ForwardOptions } from './build-forward.ts';
export {
  buildTrainingLoop,
  type TrainingLoop,
  type TrainingLoopOptions,
} from './build-training-loop.ts';
export { buildTrainingStep, type TrainingStepOptions } from './build-training-step.ts';
export { buildUpdate, type UpdateOptions, type UpdateStep } from './build-update.ts';
export { checkInPlaceUpdate } from './check-in-place-update.ts';
export type { GradientClip } from './clip-gradients.ts';
export {
  buildConvolutionTrial,
  type ConvolutionLayer,
  listConvolutions,
  listTrialInputs,
  type TrialInput,
} from './convolution-trial.ts';
export {
  CONVOLUTION_RECIPES,
  type ConvolutionRecipe,
  checkRecipe,
  countRecipe,
  type LayerRecipe,
  type LayerRecipes,
  listPassRecipes,
  makeUniformRecipe,
  PASS_RECIPES,
  type PassRecipes,
  resolveRecipe,
} from './ops/convolution-recipe.ts';
export type { AdamConfig } from './optimizers/adam.ts';
export {
  OPTIMIZER_KINDS,
  type OptimizerConfig,
  type OptimizerKind,
} from './optimizers/index.ts';
export type { LarsConfig } from './optimizers/lars.ts';
export type { StepPosition } from './optimizers/optimizer.ts';
export type { RmspropConfig } from './optimizers/rmsprop.ts';
export { SGD_RULES, type SgdConfig, type SgdRule } from './optimizers/sgd.ts';
export { type LearningPlan, planLearning } from './plan-learning.ts';
export type { GradientOutput, MaskInput, StateArray, TrainingStep } from './training-step.ts';
export {
  AVERAGE_DECAY,
  AVERAGE_SHARE,
  AVERAGE_SLOT,
  type ParameterFactors,
  type UpdateRule,
  updateScalars,
  updateSlots,
} from './update-rule.ts';
