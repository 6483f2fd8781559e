import { AlexNetError, createRandom } from '@alexnet/core';
import type { Dataset } from './dataset.ts';
import { subset } from './subset.ts';

export interface SplitOptions {
  /** Share of the pictures that is held back, above 0 and below 1. */
  readonly validation: number;
  readonly seed: number;
}

/**
 * Holds back a part of each class for validation.
 *
 * Which pictures depends on the seed and on the pictures' keys alone, not on their order: another
 * listing of the same files, or the same folder elsewhere, is split alike. Each class of two or more
 * pictures has at least one on either side.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the share is not between 0 and 1
 */
export function splitDataset(
  dataset: Dataset,
  { validation, seed }: SplitOptions,
): { readonly training: Dataset; readonly validation: Dataset } {
  if (!(validation > 0 && validation < 1)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The validation share is above 0 and below 1, not ${validation}.`,
      hint: 'Hold back a tenth with 0.1.',
    });
  }
  const heldBack = new Uint8Array(dataset.length);
  for (const members of groupByLabel(dataset)) {
    const wanted = Math.round(members.length * validation);
    const count = Math.min(Math.max(wanted, 1), members.length - 1);
    for (const index of rank(dataset, members, seed).slice(0, Math.max(count, 0)))
      heldBack[index] = 1;
  }
  const indices = Array.from(heldBack.keys());
  return {
    training: subset(
      dataset,
      indices.filter((index) => heldBack[index] === 0),
    ),
    validation: subset(
      dataset,
      indices.filter((index) => heldBack[index] === 1),
    ),
  };
}

function groupByLabel(dataset: Dataset): number[][] {
  const groups: number[][] = dataset.labels.map(() => []);
  for (let index = 0; index < dataset.length; index++) groups[dataset.labelOf(index)]?.push(index);
  return groups;
}

/** By a number that seed and key give; then by key, so that chance meetings do not bring back the order. */
function rank(dataset: Dataset, members: readonly number[], seed: number): number[] {
  const random = createRandom(seed).split('validation split');
  return members
    .map((index) => {
      const key = dataset.keyOf(index);
      return { index, key, place: random.split(key).uint32() };
    })
    .sort((a, b) => a.place - b.place || (a.key < b.key ? -1 : 1))
    .map(({ index }) => index);
}
