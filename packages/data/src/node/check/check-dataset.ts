import type { Dataset } from '../../dataset/dataset.ts';
import { type SplitOptions, splitDataset } from '../../dataset/split.ts';
import type { OpenedDataset } from '../open-dataset.ts';
import { findClassProblems } from './class-problems.ts';
import { type ExaminationOptions, examinePictures } from './examine-pictures.ts';
import { findDuplicates } from './find-duplicates.ts';
import { findPictureProblems } from './picture-problems.ts';
import type { DatasetProblem } from './problems.ts';

export interface CheckOptions extends ExaminationOptions {
  /** How a training would take validation pictures out, where the source keeps none apart. */
  readonly split?: SplitOptions;
}

export interface DatasetCheck {
  /** Pictures looked at, by part. */
  readonly parts: Readonly<Record<string, number>>;
  /** The serious ones first. */
  readonly problems: readonly DatasetProblem[];
}

/** Which pictures a training would learn from, and which it would be measured on. */
export function partsOf(
  { training, validation, test }: Pick<OpenedDataset, 'training' | 'validation' | 'test'>,
  split?: SplitOptions,
): ReadonlyMap<string, Dataset> {
  const divided = validation || !split ? { training, validation } : splitDataset(training, split);
  const parts = Object.entries({ ...divided, test });
  return new Map(
    parts.flatMap(([part, dataset]) => (dataset && dataset.length > 0 ? [[part, dataset]] : [])),
  );
}

/**
 * Looks for every problem of a data set: each picture is read and decoded, and compared with all others.
 *
 * @throws AlexNetError whatever is no fault of one picture; the signal's reason when it is aborted
 * @example
 * const { problems } = await checkDataset(await openDataset('photos'));
 * console.log(problems.map(({ kind, message }) => `${kind}: ${message}`));
 */
export async function checkDataset(
  opened: OpenedDataset,
  options: CheckOptions = {},
): Promise<DatasetCheck> {
  const parts = partsOf(opened, options.split);
  const examination = await examinePictures(parts, options);
  const { ignored } = opened;
  const problems: DatasetProblem[] = [
    ...findPictureProblems(examination),
    ...findDuplicates(examination.facts),
    ...findClassProblems(opened.training),
    ...(ignored.length === 0
      ? []
      : [
          {
            kind: 'ignored',
            isSerious: false,
            message: `Files that were passed over: ${ignored.length}.`,
            names: ignored,
          } as const,
        ]),
  ];
  return {
    parts: Object.fromEntries([...parts].map(([part, { length }]) => [part, length])),
    problems: problems.sort((a, b) => Number(b.isSerious) - Number(a.isSerious)),
  };
}
