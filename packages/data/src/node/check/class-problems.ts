import type { Dataset } from '../../dataset/dataset.ts';
import type { DatasetProblem } from './problems.ts';

/** Pictures of the largest class for each of the smallest, from which on it is said. */
const UNBALANCED = 10;
/** A class with fewer is hardly learnt. */
const FEW_PICTURES = 10;

/** How many pictures each class has. */
export function countClasses(dataset: Dataset): readonly number[] {
  const counts = new Array<number>(dataset.labels.length).fill(0);
  for (let index = 0; index < dataset.length; index++) {
    const label = dataset.labelOf(index);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/** Classes without pictures, with few of them or with far more than others, and names that mislead. */
export function findClassProblems(training: Dataset): readonly DatasetProblem[] {
  const { labels } = training;
  const counts = countClasses(training);
  const namesWith = (wanted: (count: number) => boolean) =>
    labels.filter((_, place) => wanted(counts[place] ?? 0));
  const empty = namesWith((count) => count === 0);
  const few = namesWith((count) => count > 0 && count < FEW_PICTURES);
  const filled = counts.filter((count) => count > 0);
  const [most, least] = [
    filled.reduce((a, b) => Math.max(a, b), 0),
    filled.reduce((a, b) => Math.min(a, b), Infinity),
  ];
  const problems: DatasetProblem[] = [];
  if (empty.length > 0) {
    problems.push({
      kind: 'empty-class',
      isSerious: true,
      message: `${empty.length} of the ${labels.length} classes ${empty.length === 1 ? 'has' : 'have'} no picture to learn from.`,
      names: empty,
    });
  }
  if (few.length > 0) {
    problems.push({
      kind: 'few-pictures',
      isSerious: false,
      message: `${few.length === 1 ? '1 class has' : `${few.length} classes have`} fewer than ${FEW_PICTURES} pictures.`,
      names: few,
    });
  }
  if (most >= UNBALANCED * least) {
    problems.push({
      kind: 'unbalanced',
      isSerious: false,
      message: `The largest class has ${most} pictures, the smallest ${least}: "balanced" class weights make up for it.`,
      names: [labels[counts.indexOf(most)] ?? '', labels[counts.indexOf(least)] ?? ''],
    });
  }
  return [...problems, ...findOddLabels(labels)];
}

/** Names that are easily taken for one another, or that are more than a name. */
function findOddLabels(labels: readonly string[]): readonly DatasetProblem[] {
  const problems: DatasetProblem[] = [];
  const byLook = new Map<string, string[]>();
  for (const label of labels) {
    const look = label
      .normalize('NFKC')
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ');
    byLook.set(look, [...(byLook.get(look) ?? []), label]);
  }
  for (const names of byLook.values()) {
    if (names.length < 2) continue;
    const message = `The classes ${names.map((name) => `"${name}"`).join(' and ')} are the same but for case, blanks and how letters are stored.`;
    problems.push({ kind: 'odd-label', isSerious: false, message, names });
  }
  const marked = labels.filter((label) => /[<>&]|^\s|\s$|\p{Cf}/u.test(label));
  if (marked.length > 0) {
    problems.push({
      kind: 'odd-label',
      isSerious: false,
      message: `${marked.length === 1 ? '1 class has' : `${marked.length} classes have`} markup, blanks at an end or letters that cannot be seen in the name.`,
      names: marked,
    });
  }
  return problems;
}
