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
export { type DeviceChoice, NODE_DEVICES, type NodeDevice } from './device/list-devices.ts';
export { loadModel } from './load-model.ts';
export type { LoadOptions } from './load-options.ts';
export type { ModelSource } from './model-file.ts';
export type { SessionOptions } from './ort-session.ts';
export type { PictureSource } from './picture-source.ts';
export { openSession } from './session.ts';
