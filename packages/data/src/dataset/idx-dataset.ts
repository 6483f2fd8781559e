import { AlexNetError } from '@alexnet/core';
import { createContentKey } from './content-key.ts';
import type { Dataset } from './dataset.ts';
import { type IdxArray, parseIdx } from './idx.ts';

export interface IdxFiles {
  /** The bytes of an idx file [count, height, width], as in MNIST, or [count, height, width, 3]. */
  readonly images: Uint8Array;
  /** The bytes of an idx file [count]. */
  readonly labels: Uint8Array;
}

export interface IdxDatasetOptions {
  /** What messages call the data set. */
  readonly name: string;
  /** What messages call the two files; after `name` unless given. */
  readonly fileNames?: { readonly images: string; readonly labels: string };
  /** Names of the classes; `0` … `9`, and further where the labels go, unless given. */
  readonly labels?: readonly string[];
}

/** Digits are what idx files were made for; a file with higher labels has more classes. */
const LEAST_CLASSES = 10;

/**
 * A data set of two idx files that were read into memory.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` if a file is not right, the counts differ, or a label has no
 *   name, with both numbers
 */
export function createIdxDataset(files: IdxFiles, options: IdxDatasetOptions): Dataset {
  const { name } = options;
  const imagesName = options.fileNames?.images ?? `${name} (images)`;
  const labelsName = options.fileNames?.labels ?? `${name} (labels)`;
  const images = parseIdx(files.images, imagesName);
  const classes = parseIdx(files.labels, labelsName);
  const { count, height, width, channels } = checkImages(images, imagesName);
  checkClasses(classes, labelsName, { count, imagesName });
  const names = nameClasses(classes.values, options, labelsName);
  const pictureBytes = height * width * channels;
  const pixelsOf = (index: number) =>
    images.values.subarray(index * pictureBytes, (index + 1) * pictureBytes);
  return {
    name,
    labels: names,
    length: count,
    channels,
    pictureSize: { width, height },
    labelOf: (index) => classes.values[index] ?? -1,
    nameOf: (index) => `${imagesName}, picture ${index}`,
    // By content: the same picture has the same key wherever it stands in the file.
    keyOf: (index) => createContentKey(pixelsOf(index)),
    readPicture: (index) => Promise.resolve({ width, height, channels, pixels: pixelsOf(index) }),
  };
}

function checkImages({ shape }: IdxArray, name: string) {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const rightRank = shape.length === 3 || shape.length === 4;
  if (!rightRank || (channels !== 1 && channels !== 3)) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${name} has the shape [${shape.join(', ')}]; pictures are [count, height, width] or [count, height, width, 3].`,
      hint: shape.length === 1 ? 'Is this the labels file?' : 'Check which file this is.',
      path: [name],
    });
  }
  if (count === 0 || height === 0 || width === 0) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${name} has no pictures: its shape is [${shape.join(', ')}].`,
      hint: 'Give a file with at least one picture.',
      path: [name],
    });
  }
  return { count, height, width, channels } as const;
}

function checkClasses(
  { shape, values }: IdxArray,
  name: string,
  images: { readonly count: number; readonly imagesName: string },
): void {
  if (shape.length !== 1) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${name} has the shape [${shape.join(', ')}]; labels are [count].`,
      hint: shape.length > 1 ? 'Is this the images file?' : 'Check which file this is.',
      path: [name],
    });
  }
  if (values.length !== images.count) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${images.imagesName} has ${images.count} pictures, but ${name} has ${values.length} labels.`,
      hint: 'Give the labels file that belongs to the images.',
      path: [name, images.imagesName],
    });
  }
}

function nameClasses(
  classes: Uint8Array,
  { labels }: IdxDatasetOptions,
  fileName: string,
): readonly string[] {
  const highest = classes.reduce((most, label) => Math.max(most, label), 0);
  if (labels === undefined) {
    return Array.from({ length: Math.max(highest + 1, LEAST_CLASSES) }, (_, index) => `${index}`);
  }
  if (highest >= labels.length) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${fileName} has the label ${highest}, but only ${labels.length} classes have names (0 to ${labels.length - 1}).`,
      hint: `Give ${highest + 1} names, one a line, in the order of the labels.`,
      path: [fileName],
    });
  }
  return labels;
}
