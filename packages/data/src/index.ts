export {
  AUGMENTATION_NAMES,
  AUGMENTATIONS,
  type Augmentation,
  type AugmentationName,
  type ColourJitter,
  checkAugmentation,
} from './augment/augmentation.ts';
export {
  adjustColours,
  COLOUR_ADJUSTMENT_KINDS,
  type ColourAdjustment,
  type ColourAdjustmentKind,
} from './augment/colour-adjustments.ts';
export type { ColourComponents } from './augment/colour-noise.ts';
export { checkMixing, MIXING_KINDS, type Mixed, type Mixing, mixBatch } from './augment/mix.ts';
export { rotatePicture } from './augment/rotate.ts';
export { drawVariation, type Variation, type VariationOptions } from './augment/variation.ts';
export { writeVariation } from './augment/write-variation.ts';
export type { Batch, BatchOptions } from './batches/batch.ts';
export { countBatches, orderPictures, readBatches } from './batches/batches.ts';
export { type EpochsOptions, readEpochs } from './batches/epochs.ts';
export {
  type BatchRendering,
  type BatchSettings,
  createRenderer,
  type PictureRenderer,
  type RenderedRows,
  type RenderJob,
} from './batches/picture-renderer.ts';
export {
  type BadPictureLog,
  createBadPictureLog,
  isBadPicture,
  MAX_BAD_SHARE,
} from './dataset/bad-pictures.ts';
export { type CacheOptions, cachePictures } from './dataset/cached-pictures.ts';
export type { Dataset } from './dataset/dataset.ts';
export type {
  DeferredPicture,
  EncodedPicture,
  StoredPicture,
} from './dataset/deferred-picture.ts';
export {
  checkIdxLength,
  type IdxArray,
  type IdxHeader,
  MAX_IDX_HEADER_BYTES,
  parseIdx,
  parseIdxHeader,
} from './dataset/idx.ts';
export {
  createIdxDataset,
  type IdxDatasetOptions,
  type IdxFiles,
} from './dataset/idx-dataset.ts';
export { parseLabels } from './dataset/labels-file.ts';
export { type SplitOptions, splitDataset } from './dataset/split.ts';
export { subset } from './dataset/subset.ts';
export { checkPicture, type Picture } from './picture/picture.ts';
export {
  PICTURE_FORMATS,
  type PictureFormat,
  type PictureHeader,
  readPictureHeader,
} from './picture/picture-header.ts';
export { checkPictureSize, PICTURE_LIMITS, type PictureLimits } from './picture/picture-limits.ts';
export { countChannels, dropAlpha, toGrey } from './preprocess/channels.ts';
export { framePicture } from './preprocess/frame-picture.ts';
export { type Framing, frameCentre } from './preprocess/framing.ts';
export type { Box, Size } from './preprocess/geometry.ts';
export {
  createPreprocessor,
  type Preprocessor,
  preprocess,
  preprocessedShape,
} from './preprocess/preprocess.ts';
export { TEN_CROPS, writeTenCrops } from './preprocess/ten-crops.ts';
export { createContactSheet } from './preview/contact-sheet.ts';
export { type PreviewOptions, previewAugmentation } from './preview/preview-augmentation.ts';
export { resizePicture } from './resize/resize.ts';
export type { PixelMeans } from './statistics/mean-image.ts';
export {
  type DatasetStatistics,
  type MeasureOptions,
  measureDataset,
} from './statistics/measure-dataset.ts';
