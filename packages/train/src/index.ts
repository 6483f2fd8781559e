export {
  CONVOLUTION_RECIPES,
  type ConvolutionRecipe,
  type LayerRecipe,
  type LayerRecipes,
  type OptimizerConfig,
} from '@alexnet/autodiff';
export {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingProgress,
  toModel,
} from './checkpoint/checkpoint.ts';
export type { RunStore } from './checkpoint/run-store.ts';
export { parseLayerRecipe } from './config/parse-rules.ts';
export {
  checkTrainingConfig,
  completeTrainingConfig,
  parseTrainingConfig,
  type TrainingConfig,
} from './config/training-config.ts';
export { type EvaluateOptions, evaluate } from './evaluation/evaluate.ts';
export {
  type ClassFigures,
  createEvaluationCollector,
  type Evaluation,
  type EvaluationCollector,
  indexOfLargest,
  type Totals,
} from './evaluation/metrics.ts';
export type { FeatureSet, Features } from './features/features.ts';
export { findFrozenValue } from './features/find-frozen-value.ts';
export { type FeatureBatchOptions, readFeatureBatches } from './features/read-feature-batches.ts';
export { type FeatureEpochsOptions, readFeatureEpochs } from './features/read-feature-epochs.ts';
export { type NamedRecipe, nameRecipes } from './recipes/name-recipes.ts';
export { type Curve, renderCurve, type Series } from './report/curve.ts';
export { escapeText } from './report/escape.ts';
export { renderPage } from './report/page.ts';
export type { ReportPicture } from './report/picture-sheet.ts';
export { renderRateSearch } from './report/rate-search.ts';
export { type Report, renderReport } from './report/report.ts';
export type { Point } from './report/smooth.ts';
export {
  findLearningRate,
  type RatePoint,
  type RateSearch,
  type RateSearchOptions,
} from './schedule/find-learning-rate.ts';
export {
  defaultSchedule,
  SCHEDULE_KINDS,
  type ScheduleConfig,
  type ScheduleKind,
  type ScheduleMoment,
  scheduleFactor,
} from './schedule/schedule.ts';
export { fillDropoutMask } from './step/dropout-masks.ts';
export { type GradientOptions, measureGradients } from './step/measure-gradients.ts';
export { type StepInputOptions, toStepInput } from './step/step-input.ts';
export { createTargets, type TargetOptions, type Targets } from './step/targets.ts';
export { train } from './trainer/train.ts';
export type { TrainOptions } from './trainer/train-options.ts';
export type {
  CheckpointEvent,
  DoneEvent,
  EpochEvent,
  StartEvent,
  StepEvent,
  TrainingEvent,
  ValidationEvent,
  ValidationFigures,
  WarningEvent,
} from './trainer/training-event.ts';
export type {
  EngineFactory,
  EngineInfo,
  EngineName,
  EngineOptions,
  EngineState,
  StepInput,
  StepLoop,
  StepOutput,
  TrainingEngine,
} from './training-engine.ts';
export { ENGINE_NAMES, selectWeights, slotName } from './training-engine.ts';
