export { type CheckOptions, checkDataset, type DatasetCheck } from './check/check-dataset.ts';
export { findClassProblems } from './check/class-problems.ts';
export {
  type DatasetDescription,
  describeDataset,
  type PartDescription,
  type PictureSizes,
} from './check/describe-dataset.ts';
export { type DatasetProblem, PROBLEM_KINDS, type ProblemKind } from './check/problems.ts';
export { decodePicture } from './decode-picture.ts';
export { encodePng } from './encode-png.ts';
export {
  type NodePictureFormat,
  type PictureInfo,
  readPictureInfo,
} from './formats/picture-info.ts';
export { DATASET_KINDS, type DatasetKind } from './kinds/dataset-kind.ts';
export { type OpenedDataset, openDataset } from './open-dataset.ts';
export type { ListColumns, OpenDatasetOptions } from './open-dataset-options.ts';
export { type OpenedShards, openShards, verifyShards } from './shards/open-shards.ts';
export {
  type PreparedShards,
  type PrepareOptions,
  prepareShards,
  type ShardSources,
} from './shards/prepare-shards.ts';
export {
  SHARD_SHAPE_KINDS,
  type ShardPart,
  type ShardShape,
  type ShardsIndex,
} from './shards/shard-format.ts';
export { createRenderThreads, type RenderThreads } from './threads/render-threads.ts';
