import { AlexNetError } from '@alexnet/core';
import { type CifarVariant, cifarRecordBytes, createCifarDataset } from '../../dataset/cifar.ts';
import { parseLabels } from '../../dataset/labels-file.ts';
import { readText } from '../labels/names-file.ts';
import { exists } from '../stores/file-store.ts';
import type { OpenedSource, OpeningContext, Place, SourceKind } from './source-kind.ts';

/** Size of a file at most: it is held in memory. CIFAR's have 30 and 154 MB. */
const MAX_FILE_BYTES = 2 ** 31 - 1;
const MAX_NAMES_BYTES = 2 ** 20;

interface CifarFiles {
  readonly variant: CifarVariant;
  readonly training: RegExp;
  readonly test: RegExp;
  /** Where the classes' names are, fine and coarse. */
  readonly names: { readonly fine: string; readonly coarse: string };
}

/** The binary files as they are published. */
const PUBLISHED: readonly CifarFiles[] = [
  {
    variant: 'cifar-10',
    training: /^data_batch_\d+\.bin$/,
    test: /^test_batch\.bin$/,
    names: { fine: 'batches.meta.txt', coarse: 'batches.meta.txt' },
  },
  {
    variant: 'cifar-100',
    training: /^train\.bin$/,
    test: /^test\.bin$/,
    names: { fine: 'fine_label_names.txt', coarse: 'coarse_label_names.txt' },
  },
];

/** CIFAR-10 and CIFAR-100, the binary version. */
export const CIFAR: SourceKind = {
  name: 'cifar',
  detect: async (place) => {
    const found = await findFiles(place);
    return (
      found &&
      `It has ${found.training.length + found.test.length} files of ${found.files.variant}, the binary version.`
    );
  },
  open: openCifar,
};

async function findFiles({ store, file, survey }: Place) {
  if (file !== null) return findByName([file], 'any');
  const found = findByName(survey.others, 'training');
  if (!found) return null;
  // "train.bin" may be anything: the length tells.
  const { sizeBytes } = await store.find(found.training[0] ?? '');
  return sizeBytes % cifarRecordBytes(found.files.variant) === 0 ||
    found.files.variant === 'cifar-10'
    ? found
    : null;
}

function findByName(names: readonly string[], wanted: 'training' | 'any') {
  for (const files of PUBLISHED) {
    const training = names.filter((name) => files.training.test(name));
    const test = names.filter((name) => files.test.test(name));
    if (training.length > 0 || (wanted === 'any' && test.length > 0))
      return { files, training, test };
  }
  return null;
}

async function openCifar(place: Place, { options }: OpeningContext): Promise<OpenedSource> {
  const found = await findFiles(place);
  if (!found) throw noFiles(place);
  const { variant, names } = found.files;
  const granularity = options.cifarLabels ?? 'fine';
  const namesFile = names[granularity];
  const labels = options.labels ?? (await readNames(place, namesFile));
  const read = async (files: readonly string[]) =>
    createCifarDataset(await Promise.all(files.map((file) => readBinary(place, file))), {
      name: place.name,
      variant,
      granularity,
      ...(labels && { labels }),
    });
  const [training, test] =
    found.training.length > 0 ? [found.training, found.test] : [found.test, []];
  return {
    training: await read(training),
    validation: null,
    test: test.length === 0 ? null : await read(test),
    ignored: [],
    notes: [
      ...(variant === 'cifar-100' ? [`The ${granularity} labels were taken.`] : []),
      labels
        ? `The classes' names are those of ${options.labels ? 'the option "labels"' : namesFile}.`
        : `The classes are called by their numbers; ${namesFile} beside the files names them.`,
    ],
  };
}

async function readBinary({ store }: Place, file: string) {
  const stored = await store.find(file);
  if (stored.sizeBytes <= MAX_FILE_BYTES) return { name: stored.name, bytes: await stored.read() };
  throw new AlexNetError('INVALID_DATASET', {
    message: `${stored.name} has ${stored.sizeBytes} bytes; the limit is ${MAX_FILE_BYTES}.`,
    hint: 'Is this a file of CIFAR?',
    path: [stored.name],
  });
}

async function readNames({ store }: Place, file: string): Promise<readonly string[] | null> {
  if (!(await exists(store, file))) return null;
  const stored = await store.find(file);
  return parseLabels(await readText(stored, MAX_NAMES_BYTES), stored.name);
}

function noFiles({ store }: Place): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${store.path} has no files of CIFAR's binary version: data_batch_1.bin … or train.bin.`,
    hint: 'Fetch the "binary version (suitable for C programs)"; the Python and Matlab versions are not read.',
    path: [store.path],
  });
}
