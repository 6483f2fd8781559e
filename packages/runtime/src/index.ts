export { type ModelFacts, type Precision, readModelFacts } from '@alexnet/export';
export { type CallTracker, createCallTracker, rejectOnAbort } from './call-tracker.ts';
export type {
  BatchOptions,
  CallOptions,
  Classifier,
  ClassifierInfo,
  ClassifyOptions,
  CropOptions,
  Crops,
  OutputKind,
} from './classifier.ts';
export { type ClassifierOptions, createClassifier } from './create-classifier.ts';
export { declareFeatures, type FeatureChoice } from './declare-features.ts';
export { inferOutputKind } from './infer-output-kind.ts';
export {
  type ClassifierMetadata,
  countOutputClasses,
  inferPictureShape,
  type MetadataOverrides,
  type ResolveOptions,
  remainingPreprocessing,
  resolveMetadata,
} from './metadata.ts';
export type { OrtSession, OrtTensor, OrtTensors, OrtValueInfo } from './ort/ort.ts';
export {
  createOrtLoadError,
  type OrtModelOptions,
  ortModelOptions,
} from './ort/session-options.ts';
export { summarizeMessage } from './ort/summarize-message.ts';
export { type OrtSessionFacts, wrapOrtSession } from './ort/wrap-ort-session.ts';
export { type RawPicture, toPicture } from './raw-picture.ts';
export {
  chooseOutput,
  type Device,
  outputOf,
  type Session,
  type SessionInfo,
  type ValueInfo,
} from './session.ts';
export type { Prediction } from './top-k.ts';
export { type ConnectOptions, connectClassifier } from './worker/connect-classifier.ts';
export type { Parcel, Port, PortHandlers } from './worker/port.ts';
export {
  type LoadContext,
  type RemotePicture,
  serveClassifier,
} from './worker/serve-classifier.ts';
