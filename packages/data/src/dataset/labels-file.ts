import { AlexNetError } from '@alexnet/core';

/** Far more than any data set has; a file with more lines is not one of labels. */
const MAX_LABELS = 1_000_000;

/**
 * Names of classes, one a line, in the order of the classes. Empty lines at the end do not count.
 *
 * @param name - what messages call the file
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the line that is empty or holds control characters
 */
export function parseLabels(text: string, name: string): readonly string[] {
  const labels = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/, MAX_LABELS + 1)
    .map((line) => line.trim());
  if (labels.length > MAX_LABELS) {
    throw invalid(name, `has more than ${MAX_LABELS} lines.`);
  }
  labels.forEach((label, index) => {
    if (label === '') throw invalid(name, `has no name in line ${index + 1}.`);
    if (/\p{Cc}/u.test(label)) throw invalid(name, `has control characters in line ${index + 1}.`);
  });
  return labels;
}

function invalid(name: string, problem: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} ${problem}`,
    hint: 'Write the name of one class on each line, in the order of the classes.',
    path: [name],
  });
}
