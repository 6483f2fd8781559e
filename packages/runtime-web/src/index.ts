export type {
  BatchOptions,
  CallOptions,
  Classifier,
  ClassifierInfo,
  ClassifyOptions,
  CropOptions,
  Crops,
  FeatureChoice,
  OutputKind,
  Prediction,
  RawPicture,
} from '@alexnet/runtime';
export type { WebClassifier, WebClassifierInfo } from './load-classifier.ts';
export { type LoadOptions, loadModel } from './load-model.ts';
export { clearModelCache } from './model-files/file-cache.ts';
export type { OnProgress, Progress } from './model-files/progress.ts';
export type { Download, ModelSource } from './model-files/read-model.ts';
export type { LoadedModel } from './onnxruntime/create-session.ts';
export { type DeviceChoice, openSession, type SessionOptions } from './onnxruntime/open-session.ts';
export { WEB_DEVICES, type WebDevice } from './onnxruntime/ort.ts';
export type { PictureSource } from './pictures/picture-source.ts';
