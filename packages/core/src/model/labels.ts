import { AlexNetError } from '../errors.ts';

/** Longest label, in UTF-16 units; longer ones are a sign that the wrong file was read. */
export const MAX_LABEL_LENGTH = 1000;

/**
 * Checks that there is one usable label for each class.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` with both numbers, or naming the label
 */
export function checkLabels(labels: readonly string[], classes: number): void {
  if (labels.length !== classes) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The network has ${classes} classes, but ${labels.length} labels were given.`,
      hint: 'Give one label for each class, in the order of the outputs.',
    });
  }
  const tooLong = labels.findIndex((label) => label.length > MAX_LABEL_LENGTH);
  if (tooLong >= 0) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `Label ${tooLong} is ${labels[tooLong]?.length} characters long; ${MAX_LABEL_LENGTH} is the limit.`,
      hint: 'Is this the right labels file?',
    });
  }
}

/** `class 0`, `class 1`, …: for networks whose classes have no names. */
export function numberedLabels(classes: number): readonly string[] {
  return Array.from({ length: classes }, (_, index) => `class ${index}`);
}
