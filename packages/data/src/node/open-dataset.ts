import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '../dataset/dataset.ts';
import { toPrintable } from '../printable.ts';
import type { DatasetKind } from './kinds/dataset-kind.ts';
import { KINDS } from './kinds/kinds.ts';
import { describeNoDataset } from './kinds/no-dataset.ts';
import { enterFolder, lookAt, unwrap } from './kinds/place.ts';
import type { OpenedSource, Place, SourceKind } from './kinds/source-kind.ts';
import type { OpenDatasetOptions } from './open-dataset-options.ts';

export interface OpenedDataset {
  readonly kind: DatasetKind;
  readonly training: Dataset;
  /** Pictures that the source keeps apart for validation. */
  readonly validation: Dataset | null;
  /** Pictures that the source keeps apart for testing. */
  readonly test: Dataset | null;
  /** Files and folders of the source that were passed over, relative to it. */
  readonly ignored: readonly string[];
  /** What was found and how it was taken, in sentences. */
  readonly explanation: readonly string[];
}

/**
 * Opens a data set, of the kind that is found at the path; docs/data.md has them all.
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
  const outside = await lookAt(path);
  const place = await unwrap(outside);
  const { kind, reason } = await recognise(place, options);
  const { training, validation, test, ignored, notes } = await openAs(kind, place, options);
  const { skipped } = outside.listing;
  return {
    kind: kind.name,
    training,
    validation,
    test,
    ignored: [...ignored, ...skipped.map((file) => file.path)],
    explanation: [
      ...outside.store.notes,
      ...(place === outside ? [] : [`All of it lies in ${toPrintable(place.store.path)}.`]),
      reason,
      ...notes,
      ...skipped.map((file) => `Passed over: ${file.reason}`),
    ],
  };
}

function openAs(
  kind: SourceKind,
  place: Place,
  options: OpenDatasetOptions,
): Promise<OpenedSource> {
  checkShrinkOnLoad(kind, options);
  const { kind: _outer, ...inner } = options;
  return kind.open(place, {
    options,
    isDataset: async (folder) =>
      (await findKind(await unwrap(await enterFolder(place, folder)), inner)) !== null,
    openFolder: async (folder, folderOptions) => {
      const { kind: _kind, ...rest } = folderOptions;
      const inside = await unwrap(await enterFolder(place, folder));
      const found = await recognise(inside, rest);
      const opened = await openAs(found.kind, inside, rest);
      return { ...opened, notes: [found.reason, ...opened.notes] };
    },
  });
}

/** Kinds whose pictures are pixels, so that nothing is decoded. */
const PIXEL_KINDS: readonly DatasetKind[] = ['shards', 'idx', 'cifar'];

function checkShrinkOnLoad({ name }: SourceKind, { shrinkOnLoad }: OpenDatasetOptions): void {
  if (shrinkOnLoad === undefined) return;
  if (!Number.isInteger(shrinkOnLoad) || shrinkOnLoad < 1) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"shrinkOnLoad" is a whole number of pixels from 1 on, not ${shrinkOnLoad}.`,
      hint: 'Give the short side that large JPEGs are shrunk to: 256, for example.',
    });
  }
  if (!PIXEL_KINDS.includes(name)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `"shrinkOnLoad" is of JPEG files, but the data set is of kind "${name}", whose pictures are stored as pixels.`,
    hint: 'Leave it out. For shards, give it when they are prepared.',
  });
}

interface Recognition {
  readonly kind: SourceKind;
  /** A sentence. */
  readonly reason: string;
}

/** @throws {@link AlexNetError} `INVALID_DATASET` if the place is no data set of any kind */
async function recognise(place: Place, options: OpenDatasetOptions): Promise<Recognition> {
  const found = await findKind(place, options);
  if (found) return found;
  throw describeNoDataset(place);
}

async function findKind(place: Place, options: OpenDatasetOptions): Promise<Recognition | null> {
  if (options.kind !== undefined) {
    const kind = KINDS.find(({ name }) => name === options.kind);
    if (kind) return { kind, reason: `It was taken as "${kind.name}", as asked for.` };
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `There is no kind of data set "${options.kind}".`,
      hint: `The kinds are: ${KINDS.map(({ name }) => name).join(', ')}.`,
    });
  }
  for (const kind of KINDS) {
    const reason = await kind.detect(place, options);
    if (reason !== null) return { kind, reason };
  }
  return null;
}
