import type { Confusion } from './confusion-matrix.ts';
import { escapeText } from './escape.ts';
import { formatCount, formatShare } from './format-number.ts';

/** How well one class is told from the others; shares between 0 and 1, NaN for a class without pictures. */
export interface ClassScore {
  readonly label: string;
  /** Pictures of the class. */
  readonly count: number;
  /** Right among those predicted to be of the class; 0 where none was, as scikit-learn has it. */
  readonly precision: number;
  /** Right among those of the class. */
  readonly recall: number;
  /** 2 · precision · recall / (precision + recall) */
  readonly f1: number;
}

export function scoreClasses({ labels, counts }: Confusion): readonly ClassScore[] {
  return labels.map((label, index) => {
    const right = counts[index]?.[index] ?? 0;
    const count = counts[index]?.reduce((a, b) => a + b, 0) ?? 0;
    const predicted = counts.reduce((sum, row) => sum + (row[index] ?? 0), 0);
    if (count === 0)
      return { label, count, precision: Number.NaN, recall: Number.NaN, f1: Number.NaN };
    return {
      label,
      count,
      precision: predicted === 0 ? 0 : right / predicted,
      recall: right / count,
      // The same as the harmonic mean.
      f1: (2 * right) / (predicted + count),
    };
  });
}

export function renderClassTable(confusion: Confusion): string {
  const scores = scoreClasses(confusion);
  const rows = scores.map(
    ({ label, count, precision, recall, f1 }) =>
      `<tr><th scope="row">${escapeText(label)}</th><td>${formatCount(count)}</td><td>${formatShare(precision)}</td><td>${formatShare(recall)}</td><td>${formatShare(f1)}</td></tr>`,
  );
  const mean = (pick: (score: ClassScore) => number): string => {
    const known = scores.map(pick).filter(Number.isFinite);
    return formatShare(known.reduce((a, b) => a + b, 0) / known.length);
  };
  const total = scores.reduce((sum, { count }) => sum + count, 0);
  return (
    '<div class="scroll" tabindex="0" role="region" aria-label="Scores by class"><table>' +
    '<thead><tr><th scope="col">Class</th><th scope="col">Pictures</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th></tr></thead>' +
    `<tbody>${rows.join('')}</tbody>` +
    `<tfoot><tr><th scope="row">Mean of the classes</th><td>${formatCount(total)}</td><td>${mean((s) => s.precision)}</td><td>${mean((s) => s.recall)}</td><td>${mean((s) => s.f1)}</td></tr></tfoot></table></div>`
  );
}
