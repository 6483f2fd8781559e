import { CLASS_FOLDERS } from './class-folders.ts';
import { FLAT_FOLDER } from './flat-folder.ts';
import { IDX } from './idx.ts';
import type { SourceKind } from './source-kind.ts';
import { SPLIT_FOLDERS } from './split-folders.ts';

/** Every kind of data set, in the order in which a place is asked for them. */
export const KINDS: readonly SourceKind[] = [IDX, SPLIT_FOLDERS, CLASS_FOLDERS, FLAT_FOLDER];
