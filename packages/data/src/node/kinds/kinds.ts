import { CIFAR } from './cifar.ts';
import { CLASS_FOLDERS } from './class-folders.ts';
import { FLAT_FOLDER } from './flat-folder.ts';
import { IDX } from './idx.ts';
import { LIST, TABLE_OF_FOLDER } from './list.ts';
import { SHARDS } from './shards.ts';
import type { SourceKind } from './source-kind.ts';
import { SPLIT_FOLDERS } from './split-folders.ts';
import { WEBDATASET } from './webdataset.ts';

/** Every kind of data set, in the order in which a place is asked for them. */
export const KINDS: readonly SourceKind[] = [
  SHARDS,
  IDX,
  CIFAR,
  WEBDATASET,
  LIST,
  SPLIT_FOLDERS,
  CLASS_FOLDERS,
  TABLE_OF_FOLDER,
  FLAT_FOLDER,
];
