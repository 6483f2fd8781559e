import { createHash } from 'node:crypto';
import { totalmem } from 'node:os';
import type { Preprocessing } from '@alexnet/core';
import { cachePictures, type Dataset, splitDataset } from '@alexnet/data';
import { openDataset } from '@alexnet/data/node';
import { formatNumberOf } from '../terminal/format.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type SourceOptions, toOpenOptions } from './source-options.ts';

/** Share of the machine's memory that decoded pictures may take. */
const CACHE_SHARE = 0.25;

export interface TrainingData {
  readonly training: Dataset;
  readonly validation: Dataset | null;
  /** Pictures that the source keeps apart for testing; not looked at in training. */
  readonly test: Dataset | null;
}

/** A share of the training pictures, or the path of a data set of its own. */
export type ValidationChoice = number | string;

/**
 * Opens a data set for training. Its validation pictures are those of a data set that is named; else those
 * that the source keeps apart; else a share of each class.
 *
 * @throws what `openDataset` throws; `INVALID_DATASET` if the validation set has other classes
 */
export async function openTrainingData(
  path: string,
  {
    validation,
    seed,
    terminal,
    source = {},
  }: { validation: ValidationChoice; seed: number; terminal: Terminal; source?: SourceOptions },
): Promise<TrainingData> {
  const opened = await openDataset(path, toOpenOptions(source));
  if (opened.ignored.length > 0) {
    const examples = opened.ignored.slice(0, 3).join(', ');
    terminal.note(
      `note: ${formatNumberOf(opened.ignored.length, 'file')} passed over: ${examples}${opened.ignored.length > 3 ? ', …' : ''}`,
    );
  }
  if (typeof validation === 'number') {
    if (opened.validation) {
      const { training, test } = opened;
      const count = opened.validation.length;
      terminal.note(`note: Validation is on the ${count} pictures that the data set keeps for it.`);
      return { training, validation: opened.validation, test };
    }
    if (validation === 0) return { training: opened.training, validation: null, test: opened.test };
    const split = splitDataset(opened.training, { validation, seed });
    if (split.validation.length > 0) return { ...split, test: opened.test };
    terminal.note('note: Nothing is validated: no class has a second picture to hold back.');
    return { training: opened.training, validation: null, test: opened.test };
  }
  const other = await openDataset(resolvePath(validation), { labels: opened.training.labels });
  return { training: opened.training, validation: other.training, test: opened.test };
}

/**
 * Keeps decoded pictures in memory, at the size that the preprocessing reads them at: from the second
 * epoch on, no picture is decoded again.
 */
export function keepInMemory(dataset: Dataset, { resize }: Preprocessing): Dataset {
  return cachePictures(dataset, {
    limitBytes: memoryForPictures(),
    ...(resize.mode === 'short-side' ? { shortSide: resize.size } : {}),
  });
}

/** Bytes that decoded pictures may take. */
export function memoryForPictures(): number {
  return totalmem() * CACHE_SHARE;
}

/** A hash of which pictures there are, of which class: the same in any order and under any root. */
export function fingerprint(dataset: Dataset): string {
  const entries = Array.from(
    { length: dataset.length },
    (_, index) => `${dataset.keyOf(index)}\0${dataset.labels[dataset.labelOf(index)]}`,
  );
  const hash = createHash('sha256');
  for (const entry of entries.sort()) hash.update(`${entry}\n`);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Opens a data set for evaluation, with the model's classes: its test pictures where it keeps some apart, else
 * its validation pictures, all of it otherwise.
 *
 * @throws what `openDataset` throws, for classes that the model does not know as well
 */
export async function openTestData(
  argument: string,
  labels: readonly string[],
  source: SourceOptions = {},
): Promise<Dataset> {
  const options = { ...toOpenOptions(source), labels };
  const { training, validation, test } = await openDataset(resolvePath(argument), options);
  return test ?? validation ?? training;
}
