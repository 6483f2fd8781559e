export {
  type FetchedWeights,
  type FetchProgress,
  type FetchWeightsOptions,
  fetchWeights,
} from './download.ts';
export { type FileLockOptions, withFileLock } from './file-lock.ts';
export { openWeightSource } from './open-weight-source.ts';
export { type Environment, weightsFolder } from './weights-folder.ts';
