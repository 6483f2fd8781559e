export { decodePicture } from './decode-picture.ts';
export { encodePng } from './encode-png.ts';
export { DATASET_KINDS, type DatasetKind } from './kinds/source-kind.ts';
export { type OpenedDataset, openDataset } from './open-dataset.ts';
export type { OpenDatasetOptions } from './open-dataset-options.ts';
export { createRenderThreads, type RenderThreads } from './threads/render-threads.ts';
