import type { PictureLimits } from '../picture/picture-limits.ts';
import type { DatasetKind } from './kinds/dataset-kind.ts';

/** Columns of a table, by the names in its header. */
export interface ListColumns {
  readonly path: string;
  readonly label: string;
}

export interface OpenDatasetOptions {
  /**
   * Names of the classes by index, a model's for example. Unless given: the sub-folders' names, sorted;
   * `labels.txt` beside idx files; `0` … `9`.
   */
  readonly labels?: readonly string[];
  /** What a picture may be; {@link PICTURE_LIMITS} for what is not given. */
  readonly limits?: Partial<PictureLimits>;
  /**
   * A short side, in pixels: JPEGs of at least four times that are decoded at a reduced scale and have it when they
   * are read, in a third of the time; their pixels differ a little from those of decoding first and resizing then
   * (docs/data.md has how much). Other pictures stay as they are. None is shrunk unless given.
   */
  readonly shrinkOnLoad?: number;
  /**
   * Of pictures with the class in the file's name: which part it is, as the first group (or the one named
   * `label`). It is held against the path from the data set's folder on.
   */
  readonly classPattern?: string | RegExp;
  /** Of lists: the folder that the paths are relative to; the list's own unless given. */
  readonly root?: string;
  /** Of tables: which columns are the path and the class; found by their names unless given. */
  readonly columns?: ListColumns;
  /** Of CIFAR-100: the 100 fine labels or the 20 coarse ones; `fine` unless given. */
  readonly cifarLabels?: 'fine' | 'coarse';
  /** Takes the source as this kind, whatever it looks like; by what is there unless given. */
  readonly kind?: DatasetKind;
}
