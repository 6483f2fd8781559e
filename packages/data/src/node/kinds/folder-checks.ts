import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';

/** A sub-folder of the data set, and so a class. */
export interface ClassFolder {
  readonly name: string;
  readonly pictureCount: number;
}

/**
 * Checks that each class has pictures.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the classes that have none
 */
export function checkClassFolders(path: string, classes: readonly ClassFolder[]): void {
  const name = toPrintable(path);
  const empty = classes.filter(({ pictureCount }) => pictureCount === 0);
  if (empty.length === 0) return;
  const names = empty.slice(0, 5).map((folder) => `"${toPrintable(folder.name)}"`);
  throw new AlexNetError('INVALID_DATASET', {
    message: `${empty.length} of the ${classes.length} sub-folders of ${name} have no pictures: ${names.join(', ')}${empty.length > 5 ? ', …' : ''}.`,
    hint: 'Each sub-folder is a class: put pictures there, or remove the folder.',
    path: empty.map((folder) => folder.name),
  });
}

/**
 * Of a place that was said to be of a kind, and lacks what makes it one.
 *
 * @param what - with its article: `no list of training pictures`
 */
export function lacks(path: string, what: string, hint: string): AlexNetError {
  const name = toPrintable(path);
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} has ${what}.`,
    hint,
    path: [name],
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
