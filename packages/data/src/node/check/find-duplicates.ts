import type { PictureFacts } from './examine-pictures.ts';
import type { DatasetProblem } from './problems.ts';

/**
 * Pictures that are there more than once, by their pixels: across parts they make a validation lie, under two
 * classes they cannot be learnt, within a part and a class they only count double.
 */
export function findDuplicates(facts: readonly PictureFacts[]): readonly DatasetProblem[] {
  const groups = new Map<string, PictureFacts[]>();
  for (const each of facts) {
    const group = groups.get(each.pixelHash);
    if (group) group.push(each);
    else groups.set(each.pixelHash, [each]);
  }
  return [...groups.values()].filter((group) => group.length > 1).map(describeGroup);
}

function describeGroup(group: readonly PictureFacts[]): DatasetProblem {
  const parts = [...new Set(group.map(({ part }) => part))];
  const labels = [...new Set(group.map(({ label }) => label))];
  const isSameFile =
    new Set(group.map(({ fileHash }) => fileHash ?? '')).size === 1 && group[0]?.fileHash !== null;
  const likeness = isSameFile ? 'the same bytes' : 'the same pixels';
  const names = group.map(({ name }) => name);
  if (parts.length > 1) {
    return {
      kind: 'leak',
      isSerious: true,
      message: `${group.length} pictures with ${likeness} are in ${parts.join(' and ')}: what is measured there was learnt by heart.`,
      names,
    };
  }
  if (labels.length > 1) {
    return {
      kind: 'conflict',
      isSerious: true,
      message: `${group.length} pictures with ${likeness} are of the classes ${labels.map((label) => `"${label}"`).join(' and ')}.`,
      names,
    };
  }
  return {
    kind: 'duplicate',
    isSerious: false,
    message: `${group.length} pictures have ${likeness}.`,
    names,
  };
}
