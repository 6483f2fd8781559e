export { loadOnnxRuntime } from './onnxruntime.ts';
export {
  createRunFolder,
  findNewestRun,
  isRunFolder,
  openRunFolder,
  type RunFolder,
  readCheckpointFile,
} from './run/run-folder.ts';
export { createWorkerEngineFactory, type WorkerEngineOptions } from './worker-engine.ts';
