import { messageOf } from '@alexnet/core';
import type { Dataset } from '../../dataset/dataset.ts';
import { readPictureInfo } from '../formats/picture-info.ts';
import type { OpenedDataset } from '../open-dataset.ts';
import { partsOf } from './check-dataset.ts';
import { countClasses } from './class-problems.ts';

/** Pictures whose headers are looked at, spread over a part. */
const SAMPLE = 500;

/** The sides of the smallest, the middle and the largest picture, by their pixels. */
export interface PictureSizes {
  readonly smallest: readonly [width: number, height: number];
  readonly median: readonly [width: number, height: number];
  readonly largest: readonly [width: number, height: number];
}

export interface PartDescription {
  readonly part: string;
  readonly pictures: number;
  /** Of each class, in their order. */
  readonly counts: readonly number[];
}

export interface DatasetDescription {
  readonly kind: OpenedDataset['kind'];
  readonly name: string;
  readonly explanation: readonly string[];
  readonly labels: readonly string[];
  readonly parts: readonly PartDescription[];
  /** How many headers were read for what follows. */
  readonly sampled: number;
  /** How many of them are of each format, by content; pixels that are no files do not count. */
  readonly formats: Readonly<Record<string, number>>;
  readonly sizes: PictureSizes | null;
  /** How many of them cannot be read, and why the first one cannot. */
  readonly unreadable: { readonly count: number; readonly reason: string } | null;
  readonly ignored: readonly string[];
}

/** What a data set consists of: its parts and classes, and formats and sizes of some of its pictures. */
export async function describeDataset(opened: OpenedDataset): Promise<DatasetDescription> {
  const { kind, training, explanation, ignored } = opened;
  const parts = [...partsOf(opened)].map(([part, dataset]) => ({
    part,
    pictures: dataset.length,
    counts: countClasses(dataset),
  }));
  return {
    kind,
    name: training.name,
    explanation,
    labels: training.labels,
    parts,
    ...(await sample(training)),
    ignored,
  };
}

async function sample(dataset: Dataset) {
  const count = Math.min(SAMPLE, dataset.length);
  const formats = new Map<string, number>();
  const sides: [number, number][] = [];
  const reasons: string[] = [];
  for (let i = 0; i < count; i++) {
    const index = Math.floor((i * dataset.length) / count);
    try {
      const { format, width, height } = await lookAt(dataset, index);
      if (format !== null) formats.set(format, (formats.get(format) ?? 0) + 1);
      sides.push([width, height]);
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  return {
    sampled: count,
    formats: Object.fromEntries(formats),
    sizes: summarise(sides),
    unreadable: reasons[0] === undefined ? null : { count: reasons.length, reason: reasons[0] },
  };
}

async function lookAt(dataset: Dataset, index: number) {
  if (dataset.pictureSize) return { format: null, ...dataset.pictureSize };
  const file = await dataset.readFile?.(index);
  if (file) return readPictureInfo(file, dataset.nameOf(index));
  const { width, height } = await dataset.readPicture(index);
  return { format: null, width, height };
}

function summarise(sides: readonly [number, number][]): PictureSizes | null {
  const sorted = sides.toSorted((a, b) => a[0] * a[1] - b[0] * b[1]);
  const [smallest, median, largest] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  return smallest && median && largest ? { smallest, median, largest } : null;
}
