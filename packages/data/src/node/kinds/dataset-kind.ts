export const DATASET_KINDS = [
  'shards',
  'idx',
  'cifar',
  'webdataset',
  'list',
  'splits',
  'folder',
  'table',
  'flat',
] as const;
/** What a data set is made of; docs/data.md describes each. */
export type DatasetKind = (typeof DATASET_KINDS)[number];
