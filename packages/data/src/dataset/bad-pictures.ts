import { AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';
import type { Dataset } from './dataset.ts';

/** Share of a data set that may be bad before reading it stops, unless another one is given. */
export const MAX_BAD_SHARE = 0.1;

/** The pictures of one data set that could not be read. Share one log between epochs. */
export interface BadPictureLog {
  readonly count: number;
  /** In the order they were met, each once. */
  readonly names: readonly string[];
  /** The first reason given for each, by name. */
  readonly reasons: ReadonlyMap<string, string>;
  /**
   * @throws AlexNetError `INVALID_DATASET` when more of the pictures are bad than may be
   */
  add(name: string, error: unknown): void;
}

/**
 * @param dataset - what the share is of
 * @param options.maxShare - share that may be bad: 0 ends the reading at the first one, 1 never
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a share that is none
 */
export function createBadPictureLog(
  dataset: Pick<Dataset, 'name' | 'length'>,
  { maxShare = MAX_BAD_SHARE }: { readonly maxShare?: number } = {},
): BadPictureLog {
  if (!(maxShare >= 0 && maxShare <= 1)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The share of pictures that may be bad is from 0 to 1, not ${maxShare}.`,
      hint: 'Allow a tenth with 0.1.',
    });
  }
  const reasons = new Map<string, string>();
  return {
    get count() {
      return reasons.size;
    },
    get names() {
      return [...reasons.keys()];
    },
    reasons,
    add(name, error) {
      if (!reasons.has(name)) reasons.set(name, messageOf(error));
      if (reasons.size <= dataset.length * maxShare) return;
      const examples = [...reasons.keys()].slice(0, 3);
      throw new AlexNetError('INVALID_DATASET', {
        message: `${reasons.size} of the ${dataset.length} pictures of "${dataset.name}" cannot be read, more than ${maxShare * 100} %: ${examples.join(', ')}${reasons.size > 3 ? ', …' : ''}.`,
        hint: `Remove or replace them. The last one: ${reasons.get(name)}`,
        path: [...reasons.keys()],
        cause: error,
      });
    },
  };
}

/** Whether the fault lies in one picture, so that the others can be gone on with. */
export function isBadPicture(error: unknown): boolean {
  if (!isAlexNetError(error)) return false;
  return error.code === 'INVALID_PICTURE' || error.code === 'NOT_FOUND' || error.code === 'IO';
}
