import type { Dataset } from '../../dataset/dataset.ts';
import type { OpenDatasetOptions } from '../open-dataset-options.ts';
import type { FileListing, FileStore } from '../stores/file-store.ts';
import type { DatasetKind } from './dataset-kind.ts';
import type { Survey } from './survey.ts';

/** Where a data set is looked for: a folder or an archive, or a folder in one, or one file. */
export interface Place {
  /** For messages: the folder's or the file's name, never its path. */
  readonly name: string;
  readonly store: FileStore;
  /** The file meant, where the path leads to one that is no archive: a path in the store. */
  readonly file: string | null;
  /** What the store holds; of a place that is one file, this file alone. */
  readonly listing: FileListing;
  readonly survey: Survey;
}

/** What came of opening a place. */
export interface OpenedSource {
  readonly training: Dataset;
  /** Pictures that the source keeps apart for validation. */
  readonly validation: Dataset | null;
  /** Pictures that the source keeps apart for testing. */
  readonly test: Dataset | null;
  /** Files and folders of the source that were passed over, relative to it. */
  readonly ignored: readonly string[];
  /** What was found, and how it was taken, in sentences. */
  readonly notes: readonly string[];
}

export interface OpeningContext {
  readonly options: OpenDatasetOptions;
  /** Whether a folder of the place is of any kind. */
  isDataset(folder: string): Promise<boolean>;
  /** Opens a folder of the place by whatever kind it is. */
  openFolder(folder: string, options: OpenDatasetOptions): Promise<OpenedSource>;
}

/** One kind of data sets: how to recognise it, and how to open it. */
export interface SourceKind {
  readonly name: DatasetKind;
  /** Why the place is of this kind, as a sentence; `null` if it is not. */
  detect(place: Place, options: OpenDatasetOptions): Promise<string | null>;
  /** @throws AlexNetError `INVALID_DATASET` saying what is wrong and how to arrange it, `NOT_FOUND`, `IO` */
  open(place: Place, context: OpeningContext): Promise<OpenedSource>;
}
