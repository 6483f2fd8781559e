import { stat } from 'node:fs/promises';
import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '../dataset/dataset.ts';
import type { PictureLimits } from '../picture/picture-limits.ts';
import { toPrintable } from '../printable.ts';
import { openFolderDataset } from './folder-dataset.ts';
import { hasIdxFiles, openIdxFile, openIdxFolder } from './idx-files.ts';
import { listFolder } from './list-folder.ts';
import { isGzip, readHead } from './read-idx-file.ts';
import { toSystemError } from './system-error.ts';

export interface OpenDatasetOptions {
  /**
   * Names of the classes by index, a model's for example. Unless given: the sub-folders' names, sorted;
   * `labels.txt` beside idx files; `0` … `9`.
   */
  readonly labels?: readonly string[];
  /** What a picture may be; {@link PICTURE_LIMITS} for what is not given. */
  readonly limits?: Partial<PictureLimits>;
}

export interface OpenedDataset {
  readonly kind: 'folder' | 'idx';
  readonly training: Dataset;
  /** Pictures that the source keeps apart for testing. */
  readonly test: Dataset | null;
  /** Files and folders of the source that were passed over, relative to it. */
  readonly ignored: readonly string[];
}

/**
 * Opens a data set, of the kind that is found at the path:
 *
 * - a folder with a sub-folder of JPEG, PNG or WebP pictures for each class,
 * - a folder with idx files of MNIST's names, gzipped or not,
 * - one idx file of images, with its labels file beside it.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` saying what is wrong and how to arrange it, `NOT_FOUND`,
 *   `IO`
 * @example
 * const { kind, training } = await openDataset('photos');
 * console.log(kind, training.length, training.labels); // folder 2000 [ 'cat', 'dog' ]
 */
export async function openDataset(
  path: string,
  options: OpenDatasetOptions = {},
): Promise<OpenedDataset> {
  const stats = await stat(path).catch((error: unknown) => {
    throw toSystemError(error, path);
  });
  if (stats.isDirectory()) {
    const root = await listFolder(path);
    if (hasIdxFiles(root.others)) {
      return { kind: 'idx', ...(await openIdxFolder(path, root.others, options)), ignored: [] };
    }
    const { dataset, ignored } = await openFolderDataset(path, root, options);
    return { kind: 'folder', training: dataset, test: null, ignored };
  }
  if (stats.isFile()) await checkIdxLike(path);
  else throw notADataset(path);
  return { kind: 'idx', ...(await openIdxFile(path, options)), ignored: [] };
}

/** Whether a file may be an idx file, so that its faults are best told as those of one. */
async function checkIdxLike(path: string): Promise<void> {
  const { bytes } = await readHead(path).catch((error: unknown) => {
    throw toSystemError(error, path);
  });
  const isArchive = /\.(tar|tgz|tar\.gz|zip)$/i.test(path);
  const isIdxLike = /idx|ubyte/i.test(path) || (bytes[0] === 0 && bytes[1] === 0) || isGzip(bytes);
  if (isArchive || !isIdxLike) throw notADataset(path, isArchive);
}

function notADataset(path: string, isArchive = false): AlexNetError {
  const name = toPrintable(path);
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} is ${isArchive ? 'an archive, which is not read as it is' : 'not a data set'}.`,
    hint: isArchive
      ? `Unpack it into a folder first: mkdir photos && ${/zip$/i.test(path) ? `unzip ${name} -d photos` : `tar -xf ${name} -C photos`}`
      : 'A data set is a folder with one sub-folder of pictures for each class, a folder with idx files, or one idx file of images.',
    path: [path],
  });
}
