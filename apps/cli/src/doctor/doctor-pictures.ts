import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { decodePicture, openDataset } from '@alexnet/data/node';
import { onMissing } from '../terminal/on-missing.ts';

/** Pictures to try conventions on. */
export interface TrialPictures {
  readonly pictures: readonly Picture[];
  /** Index of each picture's class in the network's output; `null` where the folder does not tell. */
  readonly classes: readonly number[] | null;
  /** How classes were found, or why not. */
  readonly note: string;
}

const SUFFIXES = new Set(['.jpg', '.jpeg', '.png', '.webp']);

/**
 * Some pictures of a folder, spread over it: one with a sub-folder for each class, or pictures alone.
 *
 * @param labels - of the network
 * @throws {@link AlexNetError} `NOT_FOUND`, `INVALID_DATASET`
 */
export async function readTrialPictures(
  path: string,
  { labels, count }: { readonly labels: readonly string[]; readonly count: number },
): Promise<TrialPictures> {
  const flat = await listPictures(path);
  if (flat.length > 0) {
    const files = spread(flat.length, count).map((index) => join(path, flat[index] ?? ''));
    const read = await readAll(files.map((file) => () => decodePicture(file)));
    return {
      pictures: read.map(([picture]) => picture),
      classes: null,
      note: 'The folder has no classes: there is no accuracy.',
    };
  }
  const { training, test } = await openDataset(path);
  const dataset = test ?? training;
  const indices = spread(dataset.length, count);
  const read = await readAll(indices.map((index) => () => dataset.readPicture(index)));
  const pictures = read.map(([picture]) => picture);
  const found = matchLabels(dataset.labels, labels);
  if (!found) {
    const [first = ''] = dataset.labels;
    return {
      pictures,
      classes: null,
      note: `The folder's classes ("${first}", …) are not the network's ("${labels[0]}", …): there is no accuracy. --labels names them.`,
    };
  }
  const classes = read.map(([, place]) => {
    return found.indices[dataset.labelOf(indices[place] ?? 0)] ?? -1;
  });
  return { pictures, classes, note: found.note };
}

async function listPictures(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(onMissing(null));
  if (!entries) {
    throw new AlexNetError('NOT_FOUND', {
      message: `There is no folder ${path}.`,
      hint: 'Give a folder of pictures, with a sub-folder for each class where you have them.',
    });
  }
  return entries
    .filter((entry) => entry.isFile() && SUFFIXES.has(extname(entry.name).toLowerCase()))
    .map(({ name }) => name)
    .sort();
}

/** One after another; what cannot be read says nothing about the network and is left out. */
async function readAll(
  read: readonly (() => Promise<Picture>)[],
): Promise<readonly (readonly [picture: Picture, place: number])[]> {
  const pictures: [Picture, number][] = [];
  for (const [place, each] of read.entries()) {
    try {
      pictures.push([await each(), place]);
    } catch (error) {
      if (!isAlexNetError(error) || error.code === 'MISSING_DEPENDENCY') throw error;
    }
  }
  if (pictures.length > 0) return pictures;
  throw new AlexNetError('INVALID_DATASET', {
    message: 'No picture of the folder can be read.',
    hint: 'JPEG, PNG and WebP files are.',
  });
}

/** Indices from the first to the last, as far apart as they can be. */
function spread(length: number, count: number): readonly number[] {
  const wanted = Math.min(length, count);
  return Array.from({ length: wanted }, (_, index) => Math.floor((index * length) / wanted));
}

/** Which output each of the folder's classes is; undefined if that cannot be told. */
export function matchLabels(
  folders: readonly string[],
  labels: readonly string[],
): { readonly indices: readonly number[]; readonly note: string } | undefined {
  const normal = (label: string) =>
    label
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ');
  // "n01440764 tench, Tinca tinca": the folder may be called by either part.
  const keys = labels.map((label) => [
    normal(label),
    normal(label.split(' ')[0] ?? ''),
    ...label
      .replace(/^n\d{8}\s+/, '')
      .split(',')
      .map(normal),
  ]);
  const byName = folders.map((folder) => keys.findIndex((each) => each.includes(normal(folder))));
  if (byName.every((index) => index >= 0)) {
    return { indices: byName, note: 'Classes were matched by their names.' };
  }
  const numbers = folders.map((folder) => (/^\d+$/.test(folder) ? Number(folder) : -1));
  if (numbers.every((index) => index >= 0 && index < labels.length)) {
    return { indices: numbers, note: "The folder's numbers were taken for the network's outputs." };
  }
  if (folders.length !== labels.length) return undefined;
  return {
    indices: folders.map((_, index) => index),
    note: "There are as many folders as classes: sorted by name, they were taken for the network's outputs.",
  };
}
