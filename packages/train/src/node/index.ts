export type { ProfileKind, ProfileRow } from '../ort/step-profile.ts';
export {
  type FeatureCache,
  type FeatureCacheOptions,
  openFeatureCache,
} from './features/feature-cache.ts';
export { stampFiles } from './features/stamp-files.ts';
export { loadOnnxRuntime } from './onnxruntime.ts';
export { type Retention, readCheckpointFile } from './run/checkpoint-files.ts';
export {
  createRunFolder,
  findNewestRun,
  isRunFolder,
  openRunFolder,
  type RunFolder,
} from './run/run-folder.ts';
export type { RunLock } from './run/run-lock.ts';
export { createStepTrial, type StepTrial, type StepTrialOptions } from './step-trial.ts';
export {
  createTensorBoardStore,
  type TensorBoardOptions,
  type TensorBoardStore,
} from './tensorboard/tensor-board-store.ts';
export { createWorkerEngineFactory, type WorkerEngineOptions } from './worker-engine.ts';
