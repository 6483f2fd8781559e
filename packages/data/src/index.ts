export {
  AUGMENTATION_NAMES,
  AUGMENTATIONS,
  type Augmentation,
  type AugmentationName,
} from './augmentation.ts';
export { type BadPictureLog, createBadPictureLog, MAX_BAD_SHARE } from './bad-pictures.ts';
export type { Batch, BatchOptions } from './batch.ts';
export { countBatches, readBatches } from './batches.ts';
export { type CacheOptions, cachePictures } from './cached-pictures.ts';
export { countChannels, dropAlpha, toGrey } from './channels.ts';
export type { Dataset } from './dataset.ts';
export { type Framing, frameCentre } from './framing.ts';
export type { Box, Size } from './geometry.ts';
export {
  checkIdxLength,
  type IdxArray,
  type IdxHeader,
  MAX_IDX_HEADER_BYTES,
  parseIdx,
  parseIdxHeader,
} from './idx.ts';
export {
  createIdxDataset,
  type IdxDatasetOptions,
  type IdxFiles,
} from './idx-dataset.ts';
export { parseLabels } from './labels-file.ts';
export { checkMixing, MIXING_KINDS, type Mixed, type Mixing, mixBatch } from './mix.ts';
export { checkPicture, type Picture } from './picture.ts';
export {
  PICTURE_FORMATS,
  type PictureFormat,
  type PictureHeader,
  readPictureHeader,
} from './picture-header.ts';
export { checkPictureSize, PICTURE_LIMITS, type PictureLimits } from './picture-limits.ts';
export {
  createPreprocessor,
  type Preprocessor,
  preprocess,
  preprocessedShape,
} from './preprocess.ts';
export { resizePicture } from './resize.ts';
export { type SplitOptions, splitDataset } from './split.ts';
export { subset } from './subset.ts';
export { TEN_CROPS, writeTenCrops } from './ten-crops.ts';
