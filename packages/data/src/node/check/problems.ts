/** What a check looks for. */
export const PROBLEM_KINDS = [
  'undecodable',
  'leak',
  'conflict',
  'duplicate',
  'empty-class',
  'few-pictures',
  'unbalanced',
  'odd-label',
  'tiny',
  'huge',
  'wrong-ending',
  'ignored',
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** One problem of a data set, with the pictures that have it. */
export interface DatasetProblem {
  readonly kind: ProblemKind;
  /** Whether it would stop a training or make its figures wrong; else it is worth a look. */
  readonly isSerious: boolean;
  /** A sentence. */
  readonly message: string;
  /** Pictures, files or classes that it is about. */
  readonly names: readonly string[];
}
