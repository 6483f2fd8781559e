export { decodePicture } from './decode-picture.ts';
export { encodePng } from './encode-png.ts';
export { DATASET_KINDS, type DatasetKind } from './kinds/source-kind.ts';
export { type OpenedDataset, openDataset } from './open-dataset.ts';
export type { OpenDatasetOptions } from './open-dataset-options.ts';
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
