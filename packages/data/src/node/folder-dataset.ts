import { basename, join, resolve } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '../dataset/dataset.ts';
import type { PictureLimits } from '../picture/picture-limits.ts';
import { toPrintable } from '../printable.ts';
import { decodePicture } from './decode-picture.ts';
import {
  type ClassFolder,
  checkClassCount,
  checkClassFolders,
  checkHasFolders,
} from './folder-checks.ts';
import { type FolderListing, listFolder } from './list-folder.ts';

export interface FolderOptions {
  /**
   * The classes in the order wanted (a model's, say), each folder one of them, some perhaps without a
   * folder. The folders' own order unless given.
   */
  readonly labels?: readonly string[];
  readonly limits?: Partial<PictureLimits>;
}

export interface FolderDataset {
  readonly dataset: Dataset;
  /** Files and folders that were passed over, relative to the folder; hidden ones do not count. */
  readonly ignored: readonly string[];
}

/**
 * A folder with one sub-folder of JPEG, PNG or WebP pictures for each class, named as the class.
 *
 * Classes and pictures are sorted by code points: neither the file system nor the language changes
 * the order. The files' names are held in memory, the pictures are read when asked for.
 *
 * @param root - what {@link listFolder} found at `path`
 * @throws {@link AlexNetError} `INVALID_DATASET` naming what is missing, `NOT_FOUND`, `IO`
 */
export async function openFolderDataset(
  path: string,
  root: FolderListing,
  { labels, limits }: FolderOptions,
): Promise<FolderDataset> {
  checkHasFolders(path, root);
  const classes = await Promise.all(
    root.folders.map(async (name) => ({ name, ...(await listFolder(join(path, name))) })),
  );
  checkClassFolders(path, classes);
  const names = classes.map(({ name }) => name);
  if (labels === undefined) checkClassCount(path, names);
  else checkKnown(path, names, labels);
  return {
    dataset: createFolderDataset(path, classes, {
      labels: labels ?? names,
      ...(limits && { limits }),
    }),
    ignored: listIgnored(root, classes),
  };
}

function createFolderDataset(
  path: string,
  classes: readonly ClassFolder[],
  { labels, limits }: FolderOptions & { readonly labels: readonly string[] },
): Dataset {
  const files = classes.flatMap(({ pictures }) => pictures);
  const folderOf = Uint32Array.from(
    classes.flatMap(({ pictures }, folder) => pictures.map(() => folder)),
  );
  const labelOfFolder = classes.map(({ name }) => labels.indexOf(name));
  const nameOfFolder = (index: number) => classes[folderOf[index] ?? -1]?.name ?? '';
  const pathOf = (index: number) => join(path, nameOfFolder(index), files[index] ?? '');
  return {
    name: basename(resolve(path)),
    labels,
    length: files.length,
    labelOf: (index) => labelOfFolder[folderOf[index] ?? -1] ?? -1,
    nameOf: (index) => toPrintable(pathOf(index)),
    // Without the root: a data set that was moved is split as before.
    keyOf: (index) => `${nameOfFolder(index)}/${files[index] ?? ''}`,
    readPicture: (index) => decodePicture(pathOf(index), limits),
  };
}

function listIgnored(root: FolderListing, classes: readonly ClassFolder[]): readonly string[] {
  return [
    ...root.pictures,
    ...root.others,
    ...classes.flatMap(({ name, folders, others }) =>
      [...folders, ...others].map((other) => `${name}/${other}`),
    ),
  ];
}

function checkKnown(path: string, names: readonly string[], labels: readonly string[]): void {
  const unknown = names.filter((name) => !labels.includes(name));
  if (unknown.length === 0) return;
  throw new AlexNetError('INVALID_DATASET', {
    message: `${toPrintable(path)} has classes that are not among the ${labels.length} expected: ${unknown.slice(0, 5).map(toPrintable).join(', ')}${unknown.length > 5 ? ', …' : ''}.`,
    hint: `Name the sub-folders as the classes: ${labels.slice(0, 10).join(', ')}${labels.length > 10 ? ', …' : ''}.`,
    path: unknown,
  });
}
