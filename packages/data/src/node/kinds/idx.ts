import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '../../dataset/dataset.ts';
import { createIdxDataset } from '../../dataset/idx-dataset.ts';
import { type NamesFile, readNamesFile } from '../labels/names-file.ts';
import { exists } from '../stores/file-store.ts';
import { checkClassCount } from './folder-checks.ts';
import { isGzip, readIdxFile } from './read-idx-file.ts';
import type { OpenedSource, OpeningContext, Place, SourceKind } from './source-kind.ts';

/** The four files of MNIST and its kin: images and labels, for training and for testing. */
const STANDARD_NAME = /^(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/;
const IDX_NAME = /idx|ubyte/i;

/** Idx files, as MNIST and Fashion-MNIST are published; gzipped or not. */
export const IDX: SourceKind = {
  name: 'idx',
  detect: async ({ store, file, survey }) => {
    if (file === null) {
      const found = survey.others.find((name) => STANDARD_NAME.test(name));
      return found === undefined ? null : `It has files of MNIST's names, such as ${found}.`;
    }
    if (/\.(?:tar|tgz|tar\.gz|zip)$/i.test(file)) return null;
    const head = await (await store.find(file)).readHead(4);
    const isIdxLike = IDX_NAME.test(file) || (head[0] === 0 && head[1] === 0) || isGzip(head);
    return isIdxLike ? `${file} is an idx file.` : null;
  },
  open: (place, context) =>
    place.file === null ? openIdxFolder(place, context) : openIdxFile(place, place.file, context),
};

async function openIdxFolder(place: Place, { options }: OpeningContext): Promise<OpenedSource> {
  const { store, survey } = place;
  const find = (parts: readonly string[], kind: 'images' | 'labels') =>
    // Where both are there, the file that needs no unpacking: it comes first in the listing.
    survey.others.find((name) => {
      const [, part = '', found] = STANDARD_NAME.exec(name) ?? [];
      return found === kind && parts.includes(part);
    });
  const images = find(['train'], 'images');
  if (images === undefined) throw missing(store.nameOf('train-images-idx3-ubyte.gz'));
  const names = await readNamesFile(place);
  const labels = find(['train'], 'labels') ?? labelsNameOf(images);
  const pair = { place, names };
  const training = await openPair({ images, labels }, pair, options.labels);
  checkClassCount(store.nameOf(images), listClasses(training));
  const testImages = find(['t10k', 'test'], 'images');
  const test =
    testImages === undefined
      ? null
      : await openPair(
          {
            images: testImages,
            labels: find(['t10k', 'test'], 'labels') ?? labelsNameOf(testImages),
          },
          pair,
          training.labels,
        );
  return { training, validation: null, test, ignored: [], notes: describe(names, options.labels) };
}

async function openIdxFile(
  place: Place,
  images: string,
  { options }: OpeningContext,
): Promise<OpenedSource> {
  const names = await readNamesFile(place);
  const labels = await findLabelsFile(place, images);
  const training = await openPair({ images, labels }, { place, names }, options.labels);
  checkClassCount(place.store.nameOf(images), listClasses(training));
  const notes = [`Its labels are those of ${labels}.`, ...describe(names, options.labels)];
  return { training, validation: null, test: null, ignored: [], notes };
}

function describe(
  names: NamesFile | null,
  labels: readonly string[] | undefined,
): readonly string[] {
  if (labels !== undefined) return [];
  return [
    names
      ? `The classes' names are those of ${names.file}.`
      : 'The classes are called by their numbers; a file labels.txt beside the pictures names them.',
  ];
}

async function openPair(
  { images, labels }: { readonly images: string; readonly labels: string },
  { place, names }: { readonly place: Place; readonly names: NamesFile | null },
  given: readonly string[] | undefined,
): Promise<Dataset> {
  const [imageFile, labelFile] = await Promise.all([images, labels].map(place.store.find));
  if (!imageFile || !labelFile) throw missing(place.store.nameOf(labels));
  const [imageBytes, labelBytes] = await Promise.all([
    readIdxFile(imageFile),
    readIdxFile(labelFile),
  ]);
  const classNames = given ?? names?.classes.map(({ name }) => name);
  return createIdxDataset(
    { images: imageBytes, labels: labelBytes },
    {
      name: place.name,
      fileNames: { images: imageFile.name, labels: labelFile.name },
      ...(classNames && { labels: classNames }),
    },
  );
}

/** Names of the classes that pictures have. */
function listClasses(dataset: Dataset): readonly string[] {
  const seen = new Set<number>();
  for (let index = 0; index < dataset.length; index++) seen.add(dataset.labelOf(index));
  return [...seen].map((label) => dataset.labels[label] ?? '');
}

/** `…-labels-idx1-ubyte` for `…-images-idx3-ubyte`. */
function labelsNameOf(images: string): string {
  return images.replace('images', 'labels').replace('idx3', 'idx1');
}

/** The labels file of an images file, gzipped or not. */
async function findLabelsFile({ store }: Place, images: string): Promise<string> {
  if (!images.includes('images')) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${store.nameOf(images)} has not "images" in its name, so that its labels file cannot be found.`,
      hint: 'Name the two files alike: train-images-idx3-ubyte and train-labels-idx1-ubyte.',
      path: [images],
    });
  }
  const named = labelsNameOf(images);
  const plain = named.replace(/\.gz$/, '');
  for (const candidate of [plain, `${plain}.gz`]) {
    if (await exists(store, candidate)) return candidate;
  }
  throw missing(store.nameOf(named));
}

function missing(path: string): AlexNetError {
  return new AlexNetError('NOT_FOUND', {
    message: `${path} does not exist.`,
    hint: 'An idx data set is a pair of files, images and labels, gzipped or not.',
    path: [path],
  });
}
