import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '../dataset/dataset.ts';
import { createIdxDataset } from '../dataset/idx-dataset.ts';
import { parseLabels } from '../dataset/labels-file.ts';
import { toPrintable } from '../printable.ts';
import { checkClassCount } from './folder-checks.ts';
import { readIdxFile } from './read-idx-file.ts';
import { toSystemError } from './system-error.ts';

/** The four files of MNIST and its kin: images and labels, for training and for testing. */
const STANDARD_NAME = /^(train|t10k)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/;
const LABELS_FILE = 'labels.txt';

export interface IdxOptions {
  /** Names of the classes; of `labels.txt` beside the files, else `0` … `9`, unless given. */
  readonly labels?: readonly string[];
}

export interface IdxDatasets {
  readonly training: Dataset;
  readonly test: Dataset | null;
}

/** Whether a folder with these files is an idx data set. */
export function hasIdxFiles(files: readonly string[]): boolean {
  return files.some((file) => STANDARD_NAME.test(file));
}

/**
 * The idx data set of a folder with files of the standard names.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET`, `NOT_FOUND` naming the file that is missing, `IO`
 */
export async function openIdxFolder(
  folder: string,
  files: readonly string[],
  options: IdxOptions,
): Promise<IdxDatasets> {
  const find = (part: 'train' | 't10k', kind: 'images' | 'labels') => {
    // Where both are there, the file that needs no unpacking: it comes first in the listing.
    const file = files.find(
      (name) => name.startsWith(`${part}-${kind}`) && STANDARD_NAME.test(name),
    );
    return file === undefined ? null : join(folder, file);
  };
  const images = find('train', 'images');
  if (images === null) throw missing(join(folder, 'train-images-idx3-ubyte.gz'));
  const labels = find('train', 'labels') ?? (await findLabelsFile(images));
  const training = await openIdxPair(images, labels, options);
  checkClassCount(images, listClasses(training));
  const testImages = find('t10k', 'images');
  if (testImages === null) return { training, test: null };
  const testLabels = find('t10k', 'labels') ?? (await findLabelsFile(testImages));
  return { training, test: await openIdxPair(testImages, testLabels, { labels: training.labels }) };
}

/**
 * The idx data set of one images file, its labels file found beside it by name.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET`, `NOT_FOUND` naming the file that is missing, `IO`
 */
export async function openIdxFile(images: string, options: IdxOptions): Promise<IdxDatasets> {
  const training = await openIdxPair(images, await findLabelsFile(images), options);
  checkClassCount(images, listClasses(training));
  return { training, test: null };
}

async function openIdxPair(images: string, labels: string, options: IdxOptions): Promise<Dataset> {
  const folder = dirname(images);
  const names = options.labels ?? (await readLabels(join(folder, LABELS_FILE)));
  const [imageBytes, labelBytes] = await Promise.all([readIdxFile(images), readIdxFile(labels)]);
  const dataset = createIdxDataset(
    { images: imageBytes, labels: labelBytes },
    {
      name: basename(resolve(folder)),
      fileNames: { images: toPrintable(images), labels: toPrintable(labels) },
      ...(names && { labels: names }),
    },
  );
  return dataset;
}

/** Names of the classes that pictures have. */
function listClasses(dataset: Dataset): readonly string[] {
  const seen = new Set<number>();
  for (let index = 0; index < dataset.length; index++) seen.add(dataset.labelOf(index));
  return [...seen].map((label) => dataset.labels[label] ?? '');
}

/** `…-labels-idx1-ubyte` for `…-images-idx3-ubyte`, gzipped or not. */
async function findLabelsFile(images: string): Promise<string> {
  const name = basename(images);
  if (!name.includes('images')) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${toPrintable(images)} has not "images" in its name, so that its labels file cannot be found.`,
      hint: 'Name the two files alike: train-images-idx3-ubyte and train-labels-idx1-ubyte.',
      path: [images],
    });
  }
  const plain = name.replace('images', 'labels').replace('idx3', 'idx1').replace(/\.gz$/, '');
  const candidates = [plain, `${plain}.gz`].map((file) => join(dirname(images), file));
  for (const candidate of candidates) {
    if (await stat(candidate).catch(() => null)) return candidate;
  }
  throw missing(join(dirname(images), `${plain}${name.endsWith('.gz') ? '.gz' : ''}`));
}

async function readLabels(path: string): Promise<readonly string[] | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const error = toSystemError(cause, path);
    if (error.code === 'NOT_FOUND') return null;
    throw error;
  }
  return parseLabels(text, toPrintable(path));
}

function missing(path: string): AlexNetError {
  return new AlexNetError('NOT_FOUND', {
    message: `${toPrintable(path)} does not exist.`,
    hint: 'An idx data set is a pair of files, images and labels, gzipped or not.',
    path: [path],
  });
}
