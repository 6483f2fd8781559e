import { AlexNetError } from '@alexnet/core';
import { createContentKey } from './content-key.ts';
import type { Dataset } from './dataset.ts';

const SIDE = 32;
const PLANE_BYTES = SIDE * SIDE;
const PICTURE_BYTES = 3 * PLANE_BYTES;

/** What stands in front of each picture: CIFAR-10 has one label, CIFAR-100 a coarse and a fine one. */
const LABEL_BYTES = { 'cifar-10': 1, 'cifar-100': 2 } as const;
export type CifarVariant = keyof typeof LABEL_BYTES;

/** Classes of a variant: CIFAR-100 has 100 fine ones in 20 coarse ones. */
const CLASS_COUNTS = {
  'cifar-10': { fine: 10, coarse: 10 },
  'cifar-100': { fine: 100, coarse: 20 },
} as const;

export interface CifarFile {
  /** What messages call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface CifarOptions {
  /** What messages call the data set. */
  readonly name: string;
  readonly variant: CifarVariant;
  /** Of CIFAR-100: which of its two labels; the fine one unless given. */
  readonly granularity?: 'fine' | 'coarse';
  /** Names of the classes; their numbers unless given. */
  readonly labels?: readonly string[];
}

/** How many bytes a picture and its labels take. */
export function cifarRecordBytes(variant: CifarVariant): number {
  return LABEL_BYTES[variant] + PICTURE_BYTES;
}

/**
 * A data set of CIFAR's binary files that were read into memory, 32 × 32 pixels, RGB.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` if a file's length is not a number of records, or a label has no name
 * @see Krizhevsky, "The CIFAR-10 dataset", sections "Binary version"
 */
export function createCifarDataset(files: readonly CifarFile[], options: CifarOptions): Dataset {
  const { name, variant, granularity = 'fine' } = options;
  const recordBytes = cifarRecordBytes(variant);
  const counts = files.map((file) => countRecords(file, recordBytes));
  const starts = counts.map((_, file) =>
    counts.slice(0, file).reduce((sum, count) => sum + count, 0),
  );
  const length = counts.reduce((sum, count) => sum + count, 0);
  const locate = (index: number) => {
    const file = starts.findLastIndex((start) => start <= index);
    return { file: files[file], record: index - (starts[file] ?? 0) };
  };
  const recordOf = (index: number) => {
    const { file, record } = locate(index);
    return (file?.bytes ?? new Uint8Array(0)).subarray(
      record * recordBytes,
      (record + 1) * recordBytes,
    );
  };
  const labelPlace = variant === 'cifar-100' && granularity === 'fine' ? 1 : 0;
  const labels = options.labels ?? numbers(CLASS_COUNTS[variant][granularity]);
  const planesOf = (index: number) => recordOf(index).subarray(LABEL_BYTES[variant]);
  const dataset: Dataset = {
    name,
    labels,
    length,
    channels: 3,
    pictureSize: { width: SIDE, height: SIDE },
    labelOf: (index) => recordOf(index)[labelPlace] ?? -1,
    nameOf: (index) => `${locate(index).file?.name ?? name}, picture ${locate(index).record}`,
    // By content: the same picture has the same key wherever it stands in the files.
    keyOf: (index) => createContentKey(planesOf(index)),
    readPicture: async (index) => ({
      width: SIDE,
      height: SIDE,
      channels: 3,
      pixels: interleave(planesOf(index)),
    }),
  };
  checkLabels(dataset);
  return dataset;
}

function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${index}`);
}

/** From a plane for each colour to the colours of a pixel side by side. */
function interleave(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(PICTURE_BYTES);
  for (let at = 0; at < PLANE_BYTES; at++) {
    pixels[3 * at] = planes[at] as number;
    pixels[3 * at + 1] = planes[PLANE_BYTES + at] as number;
    pixels[3 * at + 2] = planes[2 * PLANE_BYTES + at] as number;
  }
  return pixels;
}

function countRecords({ name, bytes }: CifarFile, recordBytes: number): number {
  if (bytes.length > 0 && bytes.length % recordBytes === 0) return bytes.length / recordBytes;
  throw new AlexNetError('INVALID_DATASET', {
    message: `${name} has ${bytes.length} bytes, which is not a whole number of pictures of ${recordBytes} bytes.`,
    hint: 'Fetch the file again: it is cut short, or of another version of CIFAR.',
    path: [name],
  });
}

function checkLabels(dataset: Dataset): void {
  const { labels, length } = dataset;
  for (let index = 0; index < length; index++) {
    const label = dataset.labelOf(index);
    if (label < labels.length) continue;
    throw new AlexNetError('INVALID_DATASET', {
      message: `${dataset.nameOf(index)} has the label ${label}, but there are ${labels.length} classes (0 to ${labels.length - 1}).`,
      hint: 'Is this file of another version of CIFAR, or are names of classes missing?',
      path: [dataset.name],
    });
  }
}
