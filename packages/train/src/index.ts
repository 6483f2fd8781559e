export type { OptimizerConfig } from '@alexnet/autodiff';
export {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingProgress,
  toModel,
} from './checkpoint.ts';
export { fillDropoutMask } from './dropout-masks.ts';
export { type EvaluateOptions, evaluate } from './evaluate.ts';
export {
  findLearningRate,
  type RatePoint,
  type RateSearch,
  type RateSearchOptions,
} from './find-learning-rate.ts';
export {
  type ClassFigures,
  createEvaluationCollector,
  type Evaluation,
  type EvaluationCollector,
  indexOfLargest,
  type Totals,
} from './metrics.ts';
export { escapeText } from './report/escape.ts';
export { renderPage } from './report/page.ts';
export type { ReportPicture } from './report/picture-sheet.ts';
export { renderRateSearch } from './report/rate-search.ts';
export { type Report, renderReport } from './report/report.ts';
export type { RunStore } from './run-store.ts';
export {
  defaultSchedule,
  SCHEDULE_KINDS,
  type ScheduleConfig,
  type ScheduleKind,
  type ScheduleMoment,
  scheduleFactor,
} from './schedule.ts';
export { createTargets, type TargetOptions, type Targets } from './targets.ts';
export { type TrainOptions, train } from './train.ts';
export {
  checkTrainingConfig,
  completeTrainingConfig,
  parseTrainingConfig,
  type TrainingConfig,
} from './training-config.ts';
export type {
  EngineFactory,
  EngineInfo,
  EngineOptions,
  EngineState,
  StepInput,
  StepOutput,
  TrainingEngine,
} from './training-engine.ts';
export { selectWeights, slotName } from './training-engine.ts';
export type {
  CheckpointEvent,
  DoneEvent,
  EpochEvent,
  StartEvent,
  StepEvent,
  TrainingEvent,
  ValidationFigures,
  WarningEvent,
} from './training-event.ts';
