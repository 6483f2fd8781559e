import { crossEntropy, invariant } from '@alexnet/core';

/** What a pass over pictures adds up to; JSON-serialisable, so that it survives in a checkpoint. */
export interface Totals {
  readonly count: number;
  readonly lossSum: number;
  readonly correct: number;
}

export const NO_TOTALS: Totals = { count: 0, lossSum: 0, correct: 0 };

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    count: a.count + b.count,
    lossSum: a.lossSum + b.lossSum,
    correct: a.correct + b.correct,
  };
}

/** Figures of an evaluation. Shares are between 0 and 1. */
export interface Evaluation {
  readonly count: number;
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
  readonly classes: readonly ClassFigures[];
  /** Pictures by true class (row) and predicted class (column). */
  readonly confusion: readonly (readonly number[])[];
}

export interface ClassFigures {
  readonly label: string;
  /** Share of the pictures called this class that are of it; 0 if none was. */
  readonly precision: number;
  /** Share of the pictures of this class that were called so; 0 if there are none. */
  readonly recall: number;
  /** Harmonic mean of the two. */
  readonly f1: number;
}

/** Collects the scores of pictures one by one. */
export interface EvaluationCollector {
  /** @param logits - scores of one picture, one for each class */
  add(logits: Float32Array, label: number): void;
  finish(): Evaluation;
}

export function createEvaluationCollector(labels: readonly string[]): EvaluationCollector {
  const confusion = labels.map(() => labels.map(() => 0));
  let count = 0;
  let lossSum = 0;
  let inTop5 = 0;
  return {
    add: (logits, label) => {
      const score = logits[label];
      const row = confusion[label];
      invariant(row && score !== undefined, `label ${label} is none of ${labels.length} classes`);
      const predicted = indexOfLargest(logits);
      row[predicted] = (row[predicted] ?? 0) + 1;
      count += 1;
      lossSum += crossEntropy(logits, label);
      if (logits.filter((other) => other > score).length < 5) inTop5 += 1;
    },
    finish: () => {
      const correct = confusion.reduce((sum, row, label) => sum + (row[label] ?? 0), 0);
      return {
        count,
        loss: share(lossSum, count),
        top1: share(correct, count),
        top5: share(inTop5, count),
        classes: labels.map((label, index) => classFigures(label, index, confusion)),
        confusion,
      };
    },
  };
}

/** The first of the largest values, as argmax does. */
export function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best;
}

function classFigures(
  label: string,
  index: number,
  confusion: readonly (readonly number[])[],
): ClassFigures {
  const hits = confusion[index]?.[index] ?? 0;
  const called = confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0);
  const present = (confusion[index] ?? []).reduce((sum, n) => sum + n, 0);
  const precision = share(hits, called);
  const recall = share(hits, present);
  return { label, precision, recall, f1: share(2 * precision * recall, precision + recall) };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
