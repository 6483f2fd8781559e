export { decodePicture } from './decode-picture.ts';
export { encodePng } from './encode-png.ts';
export { type OpenDatasetOptions, type OpenedDataset, openDataset } from './open-dataset.ts';
