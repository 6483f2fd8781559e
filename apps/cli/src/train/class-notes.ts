import type { Dataset } from '@alexnet/data';
import { findClassProblems } from '@alexnet/data/node';
import type { TrainingData } from '../data/open-data.ts';

/** So many classes are named. */
const NAMED = 3;

/** What is worth knowing of the classes before a training: they make its figures better or worse than they look. */
export function describeClasses(
  { training, validation }: TrainingData,
  { classWeights }: { readonly classWeights: readonly number[] | null },
): readonly string[] {
  const problems = findClassProblems(training)
    .filter(({ kind }) => kind !== 'unbalanced' || classWeights === null)
    .map(({ message, names }) => `note: ${message} (${listNames(names)})`);
  const unseen = validation ? classesWithout(validation, training) : [];
  if (unseen.length === 0) return problems;
  const have = unseen.length === 1 ? '1 class has' : `${unseen.length} classes have`;
  return [...problems, `note: ${have} no picture to validate on. (${listNames(unseen)})`];
}

/** Classes that one set has pictures of and the other one has not. */
function classesWithout(set: Dataset, other: Dataset): readonly string[] {
  const seen = labelsIn(set);
  return Array.from(labelsIn(other)).filter((label) => !seen.has(label));
}

function labelsIn(set: Dataset): ReadonlySet<string> {
  const places = new Set(Array.from({ length: set.length }, (_, index) => set.labelOf(index)));
  return new Set(set.labels.filter((_, place) => places.has(place)));
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => JSON.stringify(name));
  return [...shown, ...(names.length > NAMED ? ['…'] : [])].join(', ');
}
