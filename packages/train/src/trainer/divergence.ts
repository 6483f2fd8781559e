import type { StepOutput } from '../training-engine.ts';

/** The step whose loss was no number. */
export interface Divergence {
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  /** Rows of its batch whose scores were no numbers. */
  readonly rows: readonly number[];
}

/** Pictures whose scores are not all numbers. */
export function findBadRows(
  { logits }: StepOutput,
  classes: number,
  count: number,
): readonly number[] {
  const scoresOf = (row: number) => logits.subarray(row * classes, (row + 1) * classes);
  return Array.from({ length: count }, (_, row) => row).filter(
    (row) => !scoresOf(row).every(Number.isFinite),
  );
}
