import { AlexNetError } from '@alexnet/core';
import {
  type BadPictureLog,
  createBadPictureLog,
  type Dataset,
  MAX_BAD_SHARE,
} from '@alexnet/data';
import { DATASET_KINDS, type DatasetKind, type OpenDatasetOptions } from '@alexnet/data/node';
import { Option } from 'commander';
import { integer, number } from '../options/option-values.ts';
import { resolvePath } from '../terminal/resolve-path.ts';

/** What is said of a data set that does not say it itself. */
export interface SourceOptions {
  readonly kind?: DatasetKind;
  readonly classPattern?: string;
  readonly root?: string;
  readonly columns?: string;
  readonly shrinkOnLoad?: number;
  readonly maxBad?: number;
}

/** The options of every command that opens a data set. */
export function sourceOptions(): readonly Option[] {
  return [
    new Option('--kind <kind>', 'what the data set is (default: by what is there)').choices(
      DATASET_KINDS,
    ),
    new Option(
      '--class-pattern <regex>',
      "the class in a file's path, as its first group: '^([a-z]+)_'",
    ),
    new Option('--root <folder>', "where a list's paths begin (default: the list's folder)"),
    new Option(
      '--columns <path,label>',
      'of a table, by their names (default: by what they are called)',
    ),
  ];
}

/** Those of a command that reads all pictures, at a size of its own. */
export function readingOptions(): readonly Option[] {
  return [
    ...sourceOptions(),
    new Option(
      '--shrink-on-load <pixels>',
      'decode JPEGs of at least four times this short side at a reduced scale, down to it: sooner, not the same bits',
    ).argParser(integer(1)),
    new Option(
      '--max-bad <share>',
      `of the pictures may be unreadable, and are skipped: 0 refuses the first (default: ${MAX_BAD_SHARE})`,
    ).argParser(number(0, 1)),
  ];
}

/** Those of a command's options, with the root as a whole path. */
export function pickSource({
  kind,
  classPattern,
  root,
  columns,
  shrinkOnLoad,
  maxBad,
}: SourceOptions): SourceOptions {
  return {
    ...(kind !== undefined && { kind }),
    ...(classPattern !== undefined && { classPattern }),
    ...(root !== undefined && { root: resolvePath(root) }),
    ...(columns !== undefined && { columns }),
    ...(shrinkOnLoad !== undefined && { shrinkOnLoad }),
    ...(maxBad !== undefined && { maxBad }),
  };
}

/** Where pictures are noted that cannot be read, as many as the options allow. */
export function createLog(
  dataset: Pick<Dataset, 'name' | 'length'>,
  { maxBad }: SourceOptions,
): BadPictureLog {
  return createBadPictureLog(dataset, maxBad === undefined ? {} : { maxShare: maxBad });
}

/**
 * As `openDataset` takes them.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the columns are not two
 */
export function toOpenOptions({
  kind,
  classPattern,
  root,
  columns,
  shrinkOnLoad,
}: SourceOptions): OpenDatasetOptions {
  return {
    ...(kind !== undefined && { kind }),
    ...(classPattern !== undefined && { classPattern }),
    ...(root !== undefined && { root: resolvePath(root) }),
    ...(columns !== undefined && { columns: toColumns(columns) }),
    ...(shrinkOnLoad !== undefined && { shrinkOnLoad }),
  };
}

function toColumns(text: string): NonNullable<OpenDatasetOptions['columns']> {
  const [path, label, ...rest] = text.split(',').map((name) => name.trim());
  if (path && label && rest.length === 0) return { path, label };
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `--columns "${text}" does not name two columns.`,
    hint: 'Name those of the path and the class: --columns file,species',
  });
}
