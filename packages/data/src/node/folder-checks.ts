import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../printable.ts';
import type { FolderListing } from './list-folder.ts';

/** A sub-folder of the data set, and so a class. */
export interface ClassFolder extends FolderListing {
  readonly name: string;
}

const ARRANGEMENT =
  'A data set has one sub-folder of pictures for each class: photos/cat/1.jpg, photos/dog/1.jpg.';

/** `cat` of `cat.123.jpg`, `cat_123.jpg`, `cat-123.jpg` or `cat123.jpg`. */
const CLASS_IN_NAME = /^(\p{L}+)[._ -]?\d+\.\w+$/u;

/**
 * Checks that a folder has sub-folders at all.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` saying what is there instead
 */
export function checkHasFolders(path: string, root: FolderListing): void {
  if (root.folders.length > 0) return;
  const name = toPrintable(path);
  if (root.pictures.length > 0) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${name} has ${root.pictures.length} pictures, but no sub-folder that says their class.`,
      hint: hintForFlatFolder(name, root.pictures),
      path: [path],
    });
  }
  const [first] = root.others;
  throw new AlexNetError('INVALID_DATASET', {
    message:
      first === undefined
        ? `${name} is an empty folder.`
        : `${name} has no pictures: only ${root.others.length} other files (${toPrintable(first)}${root.others.length > 1 ? ', …' : ''}).`,
    hint: ARRANGEMENT,
    path: [path],
  });
}

function hintForFlatFolder(name: string, pictures: readonly string[]): string {
  const [first = ''] = pictures;
  const classes = [...new Set(pictures.map((picture) => CLASS_IN_NAME.exec(picture)?.[1] ?? ''))];
  const [one, two] = classes;
  if (!one || !two || classes.includes('') || classes.length > 100) return ARRANGEMENT;
  const separator = first.charAt(one.length);
  return `The names speak of ${classes.length} classes. Sort them into folders: cd ${name} && mkdir ${one} && mv ${one}${separator}*.* ${one}/, and so on for ${two}${classes.length > 2 ? ', …' : ''}.`;
}

/**
 * Checks that each class has pictures.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the classes that have none
 */
export function checkClassFolders(path: string, classes: readonly ClassFolder[]): void {
  const name = toPrintable(path);
  const empty = classes.filter(({ pictures }) => pictures.length === 0);
  if (empty.length === 0) return;
  const names = empty.slice(0, 5).map((folder) => `"${toPrintable(folder.name)}"`);
  const nested = empty.find(({ folders }) => folders.length > 0);
  throw new AlexNetError('INVALID_DATASET', {
    message: `${empty.length} of the ${classes.length} sub-folders of ${name} have no pictures: ${names.join(', ')}${empty.length > 5 ? ', …' : ''}.`,
    hint: nested
      ? `"${toPrintable(nested.name)}" has folders itself. If it is one part of the data (train, val, test), give ${name}/${toPrintable(nested.name)} as the data set.`
      : 'Each sub-folder is a class: put JPEG, PNG or WebP pictures there, or remove the folder.',
    path: empty.map((folder) => folder.name),
  });
}

/**
 * Checks that there is something to tell apart.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` if there is one class only
 */
export function checkClassCount(path: string, classes: readonly string[]): void {
  if (classes.length > 1) return;
  throw new AlexNetError('INVALID_DATASET', {
    message: `${toPrintable(path)} has one class only, "${toPrintable(classes[0] ?? '')}": there is nothing to tell apart.`,
    hint: 'Add pictures of at least one other class.',
    path: [path],
  });
}
