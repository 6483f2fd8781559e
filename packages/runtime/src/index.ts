export {
  keepsWeightsSmall,
  type OnnxMetadata,
  type Precision,
  readOnnxMetadata,
} from '@alexnet/export';
export {
  type BatchOptions,
  type Classifier,
  type ClassifierInfo,
  type ClassifierOptions,
  type ClassifyOptions,
  createClassifier,
  type OutputKind,
} from './classifier.ts';
export { identifyForeignFile } from './foreign-file.ts';
export {
  type ClassifierMetadata,
  countOutputClasses,
  inferPictureShape,
  type MetadataOverrides,
  type ResolveOptions,
  resolveMetadata,
} from './metadata.ts';
export { type RawPicture, toPicture } from './raw-picture.ts';
export {
  chooseOutput,
  type Device,
  type Session,
  type SessionInfo,
  type ValueInfo,
} from './session.ts';
export type { Prediction } from './top-k.ts';
