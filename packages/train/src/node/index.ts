export type { ProfileKind, ProfileRow } from '../ort/step-profile.ts';
export type { EngineDevice } from './engine-protocol.ts';
export {
  type FeatureCache,
  openFeatureCache,
} from './features/feature-cache.ts';
export type { FeatureCacheOptions } from './features/feature-cache-options.ts';
export type { RemovedCache } from './features/make-room.ts';
export { loadOnnxRuntime } from './onnxruntime.ts';
export {
  type MeasureConvolutionsOptions,
  measureConvolutions,
} from './recipes/measure-convolutions.ts';
export { readCheckpointFile } from './run/checkpoint-file.ts';
export type { Retention } from './run/checkpoint-files.ts';
export {
  createRunFolder,
  findNewestRun,
  isRunFolder,
  type NewRunFolder,
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
export { checkTensorFlowDevice } from './tensorflow/check-tensorflow-device.ts';
export { type FoundTensorFlow, findTensorFlow } from './tensorflow/find-tensorflow.ts';
export {
  INSTALLED_FILE,
  type InstalledTensorFlow,
  readInstalled,
  TENSORFLOW_PACKAGES,
  type TensorFlowPackage,
  tensorFlowFolder,
} from './tensorflow/installed.ts';
export { type CudaProbe, probeCuda } from './tensorflow/probe-cuda.ts';
export type {
  TensorFlowDevice,
  TensorFlowFacts,
  TensorFlowOptions,
} from './tensorflow/tensorflow-options.ts';
export {
  inspectTensorFlow,
  startTfjsEngine,
  startTfjsNetwork,
  type TfjsNetworkOptions,
  type TfjsNodeEngineOptions,
  type TfjsNodeNetwork,
} from './tensorflow/tfjs-on-node.ts';
export { createWorkerEngineFactory, type WorkerEngineOptions } from './worker-engine.ts';
